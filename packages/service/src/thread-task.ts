import { threadId } from 'node:worker_threads';

/**
 * Shared by the caller of a task and its thread. `START`: 0 while the task waits, `CANCELLED`, or the time of `nowNs` at
 * which a thread began with it. `THREAD`: the id of that thread. `CPU`: the CPU time in microseconds that the thread had
 * used by then.
 */
export type TaskCells = BigInt64Array<SharedArrayBuffer>;
export const START = 0;
export const THREAD = 1;
export const CPU = 2;
export const CANCELLED = -1n;

/** The same clock in all threads of a process. */
export const nowNs = (): bigint => process.hrtime.bigint();

/** User and system time together, in microseconds. */
export function cpuUs({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

export interface TaskCall<Input> {
  readonly cells: TaskCells;
  readonly input: Input;
}

/** Errors travel as data: structured cloning strips their class and their code. */
export type TaskReply<Output> = { readonly value: Output } | { readonly failure: TaskFailure };

export interface TaskFailure {
  readonly code: string | undefined;
  readonly message: string;
  /** The message of the error's own cause. */
  readonly cause: string | undefined;
}

export type ThreadTask<Input, Output> = (call: TaskCall<Input>) => Promise<TaskReply<Output> | undefined>;

/** Makes a function one that a thread pool can run. A module exports it under the name of the task. */
export function threadTask<Input, Output>(
  work: (input: Input) => Output | Promise<Output>,
): ThreadTask<Input, Output> {
  return async ({ cells, input }) => {
    Atomics.store(cells, THREAD, BigInt(threadId));
    Atomics.store(cells, CPU, BigInt(cpuUs(process.threadCpuUsage())));
    if (Atomics.compareExchange(cells, START, 0n, nowNs()) === CANCELLED) return undefined;
    try {
      return { value: await work(input) };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  };
}

export function toFailure(error: unknown): TaskFailure {
  if (!(error instanceof Error)) return { code: undefined, message: String(error), cause: undefined };
  const { code, message, cause } = error as NodeJS.ErrnoException;
  return { code, message, cause: cause instanceof Error ? cause.message : cause?.toString() };
}
