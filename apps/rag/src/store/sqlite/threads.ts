import { Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import { fromFailure, type Reply, type ThreadData } from './protocol.ts';

/** A few threads that do the same work, one request each at a time; what waits is served in order. */
export interface Threads {
  /** Rejects with the signal's reason when aborted; a request that has not begun by then is never begun. */
  call(request: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Lets what was asked before end first. */
  close(): Promise<void>;
}

export interface ThreadsOptions {
  readonly entry: URL;
  readonly data: ThreadData;
  readonly size: number;
}

interface Job {
  readonly request: unknown;
  readonly settle: (reply: Reply | StoreError) => void;
}

/** Opens all threads; throws the `StoreError` of the one that could not open the index. */
export async function openThreads({ entry, data, size }: ThreadsOptions): Promise<Threads> {
  const waiting: Job[] = [];
  let isClosed = false;
  const next = () => waiting.shift();
  const lanes = await Promise.all(Array.from({ length: size }, () => openLane(entry, data, next)));
  return {
    call: (request, signal) => {
      if (isClosed) return Promise.reject(new StoreError('STORE_CLOSED'));
      return enqueue(waiting, request, signal, () => {
        for (const lane of lanes) lane.wake();
      });
    },
    close: async () => {
      isClosed = true;
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

function enqueue(waiting: Job[], request: unknown, signal: AbortSignal | undefined, wake: () => void) {
  return new Promise<unknown>((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      const index = waiting.indexOf(job);
      if (index >= 0) waiting.splice(index, 1);
      reject(signal?.reason);
    };
    const job: Job = {
      request,
      settle: (reply) => {
        signal?.removeEventListener('abort', onAbort);
        if (reply instanceof StoreError) reject(reply);
        else if (reply.ok) resolve(reply.value);
        else reject(fromFailure(reply.failure));
      },
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    waiting.push(job);
    wake();
  });
}

interface Lane {
  /** Takes the next job unless one is running. */
  wake(): void;
  close(): Promise<void>;
}

/** One thread. When it dies, the job it had fails, and the next job gets a new one. */
async function openLane(entry: URL, data: ThreadData, next: () => Job | undefined): Promise<Lane> {
  let worker: Worker | undefined = await openWorker(entry, data);
  let running: Promise<void> | undefined;

  const runAll = async () => {
    for (let job = next(); job !== undefined; job = next()) job.settle(await runOne(job));
    running = undefined;
  };
  const runOne = async (job: Job): Promise<Reply | StoreError> => {
    try {
      worker ??= await openWorker(entry, data);
      return await ask(worker, job.request);
    } catch (error) {
      worker = undefined;
      return error instanceof StoreError ? error : new StoreError('STORE_FAILED', { cause: error });
    }
  };
  return {
    wake: () => {
      running ??= runAll();
    },
    close: async () => {
      await running;
      const closing = worker;
      worker = undefined;
      if (closing !== undefined) await stop(closing);
    },
  };
}

/** The data lives in SQLite's own memory; without limits V8 lets garbage grow to several times this. */
const SMALL_HEAP = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 512 };

async function openWorker(entry: URL, data: ThreadData): Promise<Worker> {
  const worker = new Worker(entry, { workerData: data, resourceLimits: SMALL_HEAP });
  const reply = await answer(worker);
  if (reply.ok) return worker;
  throw fromFailure(reply.failure);
}

async function ask(worker: Worker, request: unknown): Promise<Reply> {
  worker.postMessage(request);
  return await answer(worker);
}

function answer(worker: Worker): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (reply: Reply) => settle(() => resolve(reply));
    const onError = (cause: Error) => settle(() => reject(new StoreError('STORE_FAILED', { cause })));
    const onExit = (code: number) =>
      settle(() =>
        reject(new StoreError('STORE_FAILED', { cause: new Error(`the thread ended with ${code}`) })),
      );
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
  });
}

function stop(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage(undefined);
  });
}
