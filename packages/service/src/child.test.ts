import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { askChild, ChildFailed } from './ask-child.ts';
import { type Child, type ChildOptions, describeEnd, forkChild, spawnChild } from './child.ts';
import { identifyProcess } from './process-identity.ts';

const entry = new URL('./testing/misbehave.ts', import.meta.url);
const open: AsyncDisposable[] = [];
const stray: number[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((child) => child[Symbol.asyncDispose]()));
  for (const pid of stray.splice(0)) process.kill(pid, 'SIGKILL');
});

function start(options: Partial<ChildOptions> = {}) {
  const messages: unknown[] = [];
  let onNext = (_message: unknown) => {};
  const child: Child<object> = forkChild(entry, {
    env: {},
    ...options,
    onMessage: (message) => {
      messages.push(message);
      onNext(message);
    },
  });
  open.push(child);
  const tell = (order: object) => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    onNext = resolve;
    child.send(order);
    return promise;
  };
  return { child, messages, tell };
}

describe('messages', () => {
  test('go both ways, and are refused once the child is gone', async () => {
    const { child, tell } = start();

    expect(await tell({ do: 'echo', value: { a: [1] } })).toEqual({ a: [1] });
    child.send({ do: 'exit', code: 0 });
    await child.ended;
    expect(child.send({ do: 'echo', value: 1 })).toBe(false);
  });

  test('keep what JSON cannot carry, where the serialization is advanced', async () => {
    const { tell } = start({ serialization: 'advanced' });

    expect(await tell({ do: 'echo', value: new Float32Array([1.5]) })).toEqual(new Float32Array([1.5]));
  });

  test('that were sent before the end arrive before the end', async () => {
    const { child, messages } = start();
    for (let n = 0; n < 50; n += 1) child.send({ do: 'echo', value: n });
    child.send({ do: 'exit', code: 0 });

    await child.ended;
    expect(messages).toHaveLength(50);
  });
});

describe('the end of a child', () => {
  test('is its exit code and the end of what it wrote to standard error', async () => {
    const { child } = start();
    child.send({ do: 'exit', code: 3, stderr: `${'x'.repeat(5000)}last words` });

    const end = await child.ended;
    expect(end).toMatchObject({ code: 3, signal: null, reason: undefined });
    expect(end.stderrTail).toHaveLength(2000);
    expect(end.stderrTail).toMatch(/last words$/);
    expect(describeEnd(end)).toBe('exit code 3');
  });

  test('by a signal of somebody else has no reason', async () => {
    const { child, tell } = start();
    await tell({ do: 'echo', value: 1 });
    process.kill(child.pid ?? 0, 'SIGKILL');

    const end = await child.ended;
    expect(end).toMatchObject({ code: null, signal: 'SIGKILL', reason: undefined });
    expect(describeEnd(end)).toBe('signal SIGKILL');
  });

  test('comes at once when it cannot be started', async () => {
    const child = spawnChild('/no/such/program', { env: {} });

    const end = await child.ended;
    expect(describeEnd(end)).toMatch(/could not be started: .*ENOENT/);
    expect(await child.stop()).toBe(end);
  });

  test('takes its process group with it', async () => {
    const { child, tell } = start();
    const pid = (await tell({ do: 'spawn-grandchild', detached: false })) as number;
    expect(identifyProcess(pid)).toBeDefined();
    child.send({ do: 'exit', code: 0 });

    await child.ended;
    await expect.poll(() => identifyProcess(pid)).toBeUndefined();
  });

  test('is not held up by a process that left the group and holds its standard error', async () => {
    const { child, tell } = start();
    stray.push((await tell({ do: 'spawn-grandchild', detached: true })) as number);
    child.send({ do: 'exit', code: 0 });

    expect(await child.ended).toMatchObject({ code: 0 });
  });
});

describe('stop', () => {
  test('asks with SIGTERM', async () => {
    const { child, tell } = start({ graceMs: 30_000 });
    await tell({ do: 'echo', value: 1 });

    expect(await child.stop()).toMatchObject({ signal: 'SIGTERM', reason: undefined });
  });

  test('kills a child that does not stop, once the grace is over', async () => {
    const { child, tell } = start({ graceMs: 100 });
    await tell({ do: 'ignore-sigterm' });

    expect(await child.stop()).toMatchObject({ signal: 'SIGKILL', reason: 'it did not stop within 100 ms' });
  });

  test('kills a child that is busy, without asking where there is no grace', async () => {
    const { child, tell } = start();
    await tell({ do: 'hang' });

    expect(await child.stop()).toMatchObject({ signal: 'SIGKILL', reason: 'it was stopped' });
  });

  test('may ask in another way', async () => {
    const { child, tell } = start({
      graceMs: 30_000,
      askToStop: () => child.send({ do: 'exit', code: 7 }),
    });
    await tell({ do: 'ignore-sigterm' });

    expect(await child.stop()).toMatchObject({ code: 7, reason: undefined });
  });

  test('comes by the signal, also by one that was aborted before', async () => {
    const abort = new AbortController();
    const { child, tell } = start({ signal: abort.signal });
    await tell({ do: 'echo', value: 1 });
    abort.abort();

    expect(await child.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    expect(await start({ signal: abort.signal }).child.ended).toMatchObject({ signal: 'SIGKILL' });
  });

  test('by a signal that was aborted before asks the child that the caller has by then', async () => {
    const child: Child<object> = forkChild(entry, {
      env: {},
      signal: AbortSignal.abort(),
      graceMs: 10_000,
      askToStop: () => child.send({ do: 'exit', code: 7 }),
    });

    expect(await child.ended).toMatchObject({ code: 7, reason: undefined });
  });

  test('comes by disposing', async () => {
    let pid: number | undefined;
    {
      await using child: Child<object> = forkChild(entry, { env: {} });
      pid = child.pid;
      expect(identifyProcess(pid ?? 0)).toBeDefined();
    }
    expect(identifyProcess(pid ?? 0)).toBeUndefined();
  });
});

describe('limits', () => {
  test('a child that uses too much memory is killed, and one that does not is left alone', async () => {
    const memory = { maxRssBytes: 256 * 1024 ** 2, checkEveryMs: 20 };
    const greedy = start({ memory });
    const modest = start({ memory });
    greedy.child.send({ do: 'eat-memory' });

    expect(await greedy.child.ended).toMatchObject({
      signal: 'SIGKILL',
      reason: 'it used more than 256 MiB',
    });
    expect(await modest.tell({ do: 'echo', value: 'here' })).toBe('here');
  });

  test('a child sees no variable that it was not given', async () => {
    const { tell } = start({ env: { GIVEN: 'yes' } });

    const names = Object.keys((await tell({ do: 'print-environment' })) as object);
    expect(names.filter((name) => !name.startsWith('NODE_CHANNEL_'))).toEqual(['GIVEN']);
  });

  test('a program gets its arguments and no channel', async () => {
    const child = spawnChild('/bin/sh', { env: {}, args: ['-c', 'echo "$0" >&2', 'hello'] });

    expect(child.send(undefined as never)).toBe(false);
    expect(await child.ended).toMatchObject({ code: 0, stderrTail: 'hello\n' });
  });
});

describe('askChild', () => {
  const options = { env: {} };

  test('gives the first message, and the child is gone by then', async () => {
    const value = await askChild<object, number>(entry, { do: 'spawn-grandchild', detached: false }, options);

    // Killed by then; the kernel may need a moment more to remove it.
    await expect.poll(() => identifyProcess(value)).toBeUndefined();
  });

  test('fails with the end of a child that gives none', async () => {
    const asking = askChild(entry, { do: 'exit', code: 3, stderr: 'sorry' }, options);

    await expect(asking).rejects.toBeInstanceOf(ChildFailed);
    await expect(asking).rejects.toMatchObject({ message: 'exit code 3', end: { stderrTail: 'sorry' } });
  });

  test('fails with the reason of the signal', async () => {
    const tooLate = new Error('too late');

    await expect(
      askChild(entry, { do: 'ignore-sigterm' }, { ...options, signal: AbortSignal.abort(tooLate) }),
    ).rejects.toBe(tooLate);
  });
});
