import { spawnChild } from '@xnai/service/child';
import { expect, it, vi } from 'vitest';
import { type StackPart, Supervisor } from './supervisor.ts';

const LIMITS = { restartDelayMs: 1, stopEachMs: 50, stopAllMs: 200 };
const WAITS = 'echo ready >&2; read -r _';

function supervise(limits = LIMITS) {
  const pids: number[] = [];
  const reports: string[] = [];
  const options = {
    onSpawn: (pid: number) => pids.push(pid),
    report: (text: string) => reports.push(text),
    limits,
  };
  return { supervisor: new Supervisor(options), pids, reports };
}

/** A part that runs a shell script and is ready when that has written to its standard error. */
function shellPart(name: string, script: string, scriptAfterRestart = script): StackPart {
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const scripts = [script];
  return {
    name,
    start: (graceMs) =>
      spawnChild('sh', {
        args: ['-c', scripts.pop() ?? scriptAfterRestart],
        env: { PATH: process.env['PATH'] },
        stdio: ['pipe', 'ignore', 'pipe'],
        graceMs,
        onStderr: () => resolve(),
      }),
    waitUntilReady: () => ready,
  };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('stops parts in reverse order, and kills none that stops in time', async () => {
  const { supervisor, pids, reports } = supervise({ ...LIMITS, stopEachMs: 10_000, stopAllMs: 20_000 });
  await supervisor.add(shellPart('first', WAITS));
  const isFirstRunning: boolean[] = [];
  const second = shellPart('second', WAITS);
  await supervisor.add({
    ...second,
    start(graceMs) {
      const child = second.start(graceMs);
      void child.ended.then(() => isFirstRunning.push(isRunning(pids[0] ?? 0)));
      return child;
    },
  });
  await supervisor[Symbol.asyncDispose]();
  expect(isFirstRunning).toEqual([true]);
  expect(pids.filter(isRunning)).toEqual([]);
  expect(reports).toEqual([]);
});

it('kills a part that hangs when it is asked to stop, and says so', async () => {
  const { supervisor, pids, reports } = supervise();
  await supervisor.add(shellPart('obedient', WAITS));
  await supervisor.add(shellPart('hanging', `trap '' TERM; ${WAITS}`));
  await supervisor[Symbol.asyncDispose]();
  expect(pids.filter(isRunning)).toEqual([]);
  expect(reports).toEqual(['hanging was killed: it did not stop within 200 ms']);
});

it('restarts a part that ends after it was ready, and gives up after five restarts', async () => {
  const { supervisor, pids, reports } = supervise();
  await supervisor.add(shellPart('crashing', WAITS, 'exit 3'));
  process.kill(pids[0] ?? 0, 'SIGKILL');
  expect(await supervisor.failure).toBe('crashing ended again (exit code 3), after 5 restarts');
  expect(pids).toHaveLength(6);
  expect(reports.map((text) => /in \d+ ms \(\d of 5\)/.exec(text)?.[0])).toEqual(
    [1, 2, 4, 8, 16].map((delayMs, index) => `in ${delayMs} ms (${index + 1} of 5)`),
  );
  await supervisor[Symbol.asyncDispose]();
});

it('does not restart a part that ends before it is ready', async () => {
  const { supervisor, pids, reports } = supervise();
  await expect(supervisor.add(shellPart('broken', 'exit 3'))).rejects.toThrow(
    'broken did not start (exit code 3)',
  );
  expect(pids).toHaveLength(1);
  expect(reports).toEqual([]);
  await supervisor[Symbol.asyncDispose]();
});

it('does not restart a part after the stop', async () => {
  const { supervisor, pids, reports } = supervise({ ...LIMITS, restartDelayMs: 60_000 });
  await supervisor.add(shellPart('crashing', WAITS));
  process.kill(pids[0] ?? 0, 'SIGKILL');
  await vi.waitFor(() => expect(reports).toHaveLength(1));
  await supervisor[Symbol.asyncDispose]();
  expect(pids).toHaveLength(1);
});
