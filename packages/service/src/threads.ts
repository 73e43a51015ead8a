import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { Piscina } from 'piscina';
import {
  CANCELLED,
  CPU,
  cpuUs,
  nowNs,
  START,
  type TaskCells,
  type TaskFailure,
  type TaskReply,
  THREAD,
  type ThreadTask,
} from './thread-task.ts';

export interface ThreadsOptions {
  /** Exports the tasks, each wrapped by `threadTask`. */
  readonly module: URL;
  readonly size: number;
  /** Threads that are kept while there is no work. Default: all. */
  readonly minSize?: number;
  readonly workerData?: unknown;
  readonly resourceLimits: NonNullable<Piscina['options']['resourceLimits']>;
  /** Makes the error of a task that failed. Default: a `ThreadError` TASK_FAILED. */
  readonly toError?: (failure: TaskFailure) => Error;
  /** Called for each task that a thread has ended. */
  readonly onEnded?: (times: TaskTimes) => void;
}

export interface TaskTimes {
  /** From the call until a thread began with the task. */
  readonly waitedMs: number;
  readonly tookMs: number;
}

export interface TaskOptions {
  /** The call rejects with the signal's reason. A task that has not begun by then never begins. */
  readonly signal?: AbortSignal | undefined;
  /** What an abort does with a task that has begun: let it end unheard (the default), or kill its thread. */
  readonly onAbort?: 'leave' | 'kill';
  /** Buffers of the input that are handed to the thread in place of copies: they are empty here from then on. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
  /** Counted from when a thread begins with the task. When it has passed, the thread is killed. */
  readonly timeoutMs?: number | undefined;
  /** CPU time that the task may use, which does not pass while the machine works on something else. Then as above. */
  readonly cpuMs?: number | undefined;
}

export type ThreadErrorCode = 'TASK_FAILED' | 'TASK_TIMED_OUT' | 'THREAD_DIED' | 'THREADS_CLOSED';

export class ThreadError extends Error {
  override readonly name = 'ThreadError';
  readonly code: ThreadErrorCode;

  constructor(code: ThreadErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

type Input<Task> = Task extends ThreadTask<infer In, unknown> ? In : never;
type Output<Task> = Task extends ThreadTask<never, infer Out> ? Out : never;

export type Threads<Module> = Pick<ThreadPool<Module>, keyof ThreadPool<Module>>;

/** `Module` is the type of the module that exports the tasks: `openThreads<typeof import('./reader.ts')>(...)`. */
export function openThreads<Module>(options: ThreadsOptions): Threads<Module> {
  return new ThreadPool<Module>(options);
}

const IDLE_FOR_MS = 10_000;

/** Threads that do the same tasks, each one at a time. Tasks that wait are begun in the order they came. */
class ThreadPool<Module> implements AsyncDisposable {
  readonly #pool: Piscina;
  readonly #toError: (failure: TaskFailure) => Error;
  readonly #onEnded: ThreadsOptions['onEnded'];
  readonly #tasks = new Set<Task>();
  #isClosed = false;

  constructor({
    module,
    size,
    minSize = size,
    workerData,
    resourceLimits,
    toError,
    onEnded,
  }: ThreadsOptions) {
    this.#onEnded = onEnded;
    this.#toError = toError ?? ((failure) => new ThreadError('TASK_FAILED', failure.message));
    this.#pool = new Piscina({
      filename: fileURLToPath(module),
      minThreads: minSize,
      maxThreads: size,
      // Or tasks that had to be put back would change places.
      stricterFIFO: true,
      idleTimeout: IDLE_FOR_MS,
      recordTiming: false,
      workerData,
      resourceLimits,
    });
    // A thread that died without a task may be one that did not start, which nothing else would report.
    this.#pool.on('error', (cause) => {
      for (const task of this.#tasks) task.failUnlessBegun(threadDied(cause));
    });
  }

  /**
   * @throws {ThreadError} TASK_FAILED when the task threw, unless `toError` makes another error of it
   * @throws {ThreadError} TASK_TIMED_OUT after `timeoutMs`
   * @throws {ThreadError} THREAD_DIED when its thread ended, for want of memory for instance, or could not start
   * @throws {ThreadError} THREADS_CLOSED once the pool is being closed
   * @throws the reason of `signal` when that was aborted
   */
  async run<Name extends keyof Module & string>(
    name: Name,
    input: Input<Module[Name]>,
    { signal, onAbort = 'leave', transfer = [], timeoutMs, cpuMs }: TaskOptions = {},
  ): Promise<Output<Module[Name]>> {
    if (this.#isClosed) throw new ThreadError('THREADS_CLOSED', 'The threads are closed');
    signal?.throwIfAborted();
    const task = new Task(input, (threadId) =>
      this.#pool.threads.find((thread) => thread.threadId === threadId),
    );
    this.#tasks.add(task);
    using limits = new DisposableStack();
    if (timeoutMs !== undefined) limits.use(task.limit(timeoutMs));
    if (cpuMs !== undefined) limits.use(task.limitCpu(cpuMs));
    const onAborted = () => task.giveUp(signal?.reason, onAbort);
    signal?.addEventListener('abort', onAborted, { once: true });
    limits.defer(() => signal?.removeEventListener('abort', onAborted));
    void this.#begin(name, task, transfer);
    return (await task.settled) as Output<Module[Name]>;
  }

  /** How many tasks no thread has begun with yet. */
  get waiting(): number {
    let count = 0;
    for (const task of this.#tasks) count += task.isWaiting ? 1 : 0;
    return count;
  }

  /** Tasks that were given before end first. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled([...this.#tasks].map(({ settled }) => settled));
    await this.#pool.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin(name: string, task: Task, transfer: readonly ArrayBuffer[] = []): Promise<void> {
    try {
      const reply: TaskReply<unknown> | undefined = await this.#pool.run(task.call, {
        name,
        transferList: [...transfer],
      });
      if (reply !== undefined && 'value' in reply) task.resolve(reply.value);
      else if (reply !== undefined) task.reject(this.#toError(reply.failure));
    } catch (cause) {
      task.reject(threadDied(cause));
      // Piscina keeps `minThreads` alive, but starts no thread for what waits: any new task makes it look.
      if (this.#pool.queueSize > 0) void this.#begin(name, Task.cancelled());
    } finally {
      this.#tasks.delete(task);
      const times = task.times;
      if (times !== undefined) this.#onEnded?.(times);
    }
  }
}

/** A task from its submission until it is settled; its entry in piscina's queue may outlive that. */
class Task {
  readonly call: { readonly cells: TaskCells; input: unknown };
  readonly settled: Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly #find: (threadId: number) => Worker | undefined;
  readonly #givenNs = nowNs();

  constructor(input: unknown, find: (threadId: number) => Worker | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    // The cells are what the thread and we both see.
    this.call = { cells: new BigInt64Array(new SharedArrayBuffer(24)), input };
    this.settled = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.#find = find;
  }

  static cancelled(): Task {
    const task = new Task(undefined, () => undefined);
    task.resolve(undefined);
    Atomics.store(task.call.cells, START, CANCELLED);
    return task;
  }

  get isWaiting(): boolean {
    return Atomics.load(this.call.cells, START) === 0n;
  }

  /** Undefined where no thread has begun with it. */
  get times(): TaskTimes | undefined {
    const startNs = Atomics.load(this.call.cells, START);
    if (startNs <= 0n) return undefined;
    return { waitedMs: Number(startNs - this.#givenNs) / 1e6, tookMs: Number(nowNs() - startNs) / 1e6 };
  }

  giveUp(reason: unknown, begun: 'leave' | 'kill'): void {
    this.reject(reason);
    if (this.failUnlessBegun(reason) || begun === 'leave') return;
    void this.#thread?.terminate();
  }

  /** False when a thread has begun with it. */
  failUnlessBegun(reason: unknown): boolean {
    const before = Atomics.compareExchange(this.call.cells, START, 0n, CANCELLED);
    if (before > 0n) return false;
    // It stays in the queue, empty, and its thread will skip it.
    this.call.input = undefined;
    this.reject(reason);
    return true;
  }

  limit(timeoutMs: number): Disposable {
    const check = (): void => {
      const startNs = Atomics.load(this.call.cells, START);
      const leftMs = startNs === 0n ? timeoutMs : timeoutMs - Number(nowNs() - startNs) / 1e6;
      if (leftMs > 0) timer = setTimeout(check, leftMs);
      else this.giveUp(new ThreadError('TASK_TIMED_OUT', `The task took more than ${timeoutMs} ms`), 'kill');
    };
    let timer = setTimeout(check, timeoutMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }

  limitCpu(cpuMs: number): Disposable {
    let isOver = false;
    const check = async (): Promise<void> => {
      const usedMs = await this.#usedCpuMs();
      if (isOver) return;
      // CPU time passes no faster than the clock, which says when to look again.
      if (usedMs < cpuMs) timer = setTimeout(check, cpuMs - usedMs);
      else
        this.giveUp(
          new ThreadError('TASK_TIMED_OUT', `The task took more than ${cpuMs} ms of CPU time`),
          'kill',
        );
    };
    let timer = setTimeout(check, cpuMs);
    return {
      [Symbol.dispose]: () => {
        isOver = true;
        clearTimeout(timer);
      },
    };
  }

  async #usedCpuMs(): Promise<number> {
    if (Atomics.load(this.call.cells, START) <= 0n) return 0;
    // A thread that has ended uses none, and its task is settled.
    const used = await this.#thread?.cpuUsage().catch(() => undefined);
    return used === undefined ? 0 : (cpuUs(used) - Number(Atomics.load(this.call.cells, CPU))) / 1000;
  }

  get #thread(): Worker | undefined {
    return this.#find(Number(Atomics.load(this.call.cells, THREAD)));
  }
}

function threadDied(cause: unknown): ThreadError {
  return new ThreadError('THREAD_DIED', 'The thread ended', { cause });
}
