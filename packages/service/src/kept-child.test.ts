import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ChildFailed } from './ask-child.ts';
import { type KeptChild, type KeptChildOptions, keepChild } from './kept-child.ts';

const entry = new URL('./testing/misbehave.ts', import.meta.url);
const open: AsyncDisposable[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((child) => child[Symbol.asyncDispose]()));
});

function keep(options: Partial<KeptChildOptions> = {}): KeptChild<object, unknown> {
  const child = keepChild<object, unknown>(entry, { env: {}, idleMs: 60_000, ...options });
  open.push(child);
  return child;
}

const PID = { do: 'print-pid' };
const patient = { timeoutMs: 60_000 };

test('one child answers all requests, in the order in which they came', async () => {
  const child = keep();
  const order: unknown[] = [];
  const asked = [1, 2, 3].map(async (value) => order.push(await child.ask({ do: 'echo', value }, patient)));
  await Promise.all(asked);
  expect(order).toEqual([1, 2, 3]);
  expect(await child.ask(PID, patient)).toBe(await child.ask(PID, patient));
});

test('a child that is idle ends, and the next request starts another', async () => {
  const child = keep({ idleMs: 1 });
  const pid = await child.ask(PID, patient);
  while (isAlive(pid)) await delay(5);
  expect(await child.ask(PID, patient)).not.toBe(pid);
});

test('a request that crashes a child of its own fails; one behind it is answered by another child', async () => {
  const child = keep();
  const crash = child.ask({ do: 'exit', code: 3 }, patient);
  const next = child.ask({ do: 'echo', value: 'alive' }, patient);
  await expect(crash).rejects.toThrow(
    new ChildFailed({ code: 3, signal: null, reason: undefined, stderrTail: '' }),
  );
  expect(await next).toBe('alive');
});

test('a request that fails in a child with a past is tried once more, in a new one', async () => {
  const child = keep();
  expect(await child.ask({ do: 'exit-next' }, patient)).toBe('later');
  expect(await child.ask({ do: 'echo', value: 'here' }, patient)).toBe('here');
});

test('a request that takes too long, or too much memory, ends its child, and the reason is given', async () => {
  const child = keep({ memory: { maxRssBytes: 256 * 1024 ** 2, checkEveryMs: 20 } });
  await expect(child.ask({ do: 'sleep' }, { timeoutMs: 300 })).rejects.toThrow('it took longer than 300 ms');
  await expect(child.ask({ do: 'eat-memory' }, patient)).rejects.toThrow('it used more than 256 MiB');
  expect(await child.ask({ do: 'echo', value: 'here' }, patient)).toBe('here');
});

test('an aborted request ends with the reason of its signal, whether it waits or is in progress', async () => {
  const child = keep();
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = child.ask({ do: 'sleep' }, { ...patient, signal: running.signal });
  const second = child.ask({ do: 'sleep' }, { ...patient, signal: waiting.signal });
  waiting.abort(new Error('Gone'));
  const early = new AbortController();
  const third = keep().ask(PID, { ...patient, signal: early.signal });
  early.abort(new Error('Gone at once'));
  await expect(third).rejects.toThrow('Gone at once');
  await expect(second).rejects.toThrow('Gone');
  running.abort(new Error('Gone as well'));
  await expect(first).rejects.toThrow('Gone as well');
  expect(await child.ask({ do: 'echo', value: 'here' }, patient)).toBe('here');
});

test('closed, it ends the request in progress and takes no other', async () => {
  const child = keep();
  const running = child.ask({ do: 'sleep' }, patient);
  const ended = expect(running).rejects.toBeInstanceOf(ChildFailed);
  await delay(20);
  await child[Symbol.asyncDispose]();
  await ended;
  await expect(child.ask(PID, patient)).rejects.toThrow('No child is started');
});

function isAlive(pid: unknown): boolean {
  try {
    return process.kill(pid as number, 0);
  } catch {
    return false;
  }
}
