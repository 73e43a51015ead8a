import { threadId, workerData } from 'node:worker_threads';
import { threadTask } from '../thread-task.ts';

/** Tasks for tests of thread pools. */

class CodedError extends Error {
  readonly code = 'TEAPOT';
}

const kept: number[][] = [];

export const echo = threadTask((value: unknown) => value);
export const data = threadTask(() => workerData as unknown);
export const thread = threadTask(() => threadId);

/** True when `count` tasks were in this function at one time. */
export const meet = threadTask(({ cell, count }: { readonly cell: Int32Array; readonly count: number }) => {
  Atomics.add(cell, 0, 1);
  Atomics.notify(cell, 0);
  for (let waits = 0; waits < 100; waits += 1) {
    const present = Atomics.load(cell, 0);
    if (present >= count) return true;
    Atomics.wait(cell, 0, present, 50);
  }
  return false;
});

/** Blocks until the cell is no longer 0. */
export const block = threadTask(
  ({ cell, order }: { readonly cell: Int32Array; readonly order?: Int32Array }) => {
    if (order !== undefined) Atomics.add(order, 0, 1);
    Atomics.wait(cell, 0, 0);
    return 'unblocked';
  },
);

export const spin = threadTask((): never => {
  for (;;);
});

export const fail = threadTask((kind: 'coded' | 'plain'): never => {
  if (kind === 'plain') throw new RangeError('out of range');
  throw new CodedError('short and stout', { cause: new Error('tipped over') });
});

export const exhaustMemory = threadTask((): never => {
  for (;;) kept.push(new Array<number>(100_000).fill(1.5));
});

export const exit = threadTask((): never => process.exit(3));
