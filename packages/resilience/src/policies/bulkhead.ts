import { BulkheadError } from '../errors.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { neverAborted } from '../time/time-limit.ts';

export interface BulkheadOptions {
  /** Number of calls that run at the same time. */
  readonly limit: number;
  /** Number of calls that may wait; one more is refused at once. Default 0; `Infinity` is no bound. */
  readonly queue?: number;
  /** The longest wait for a slot. Default 1 s; `Infinity` is no limit. */
  readonly queueTimeoutMs?: number;
}

/** Limits concurrency. Calls that wait get their slots in the order in which they came. */
export interface Bulkhead {
  readonly running: number;
  readonly waiting: number;
  readonly limit: number;
  /**
   * Disposing the slot hands it to the next call; disposing it twice does nothing.
   * @throws {BulkheadError} BULKHEAD_FULL when the queue is full, BULKHEAD_TIMEOUT when the wait was too long; the
   * signal's reason when it aborts before the slot is free
   */
  acquire(signal?: AbortSignal): Promise<Disposable>;
  /** Calls `fn` with a slot. @throws as `acquire`, without calling `fn` */
  execute<T>(fn: () => PromiseLike<T> | T, signal?: AbortSignal): Promise<T>;
}

/** A bulkhead without bounds on its queue: calls wait until it is their turn, or their signal aborts. */
export function createLimiter(limit: number): Bulkhead {
  return createBulkhead({ limit, queue: Infinity, queueTimeoutMs: Infinity });
}

export function createBulkhead(
  { limit, queue = 0, queueTimeoutMs = 1_000 }: BulkheadOptions,
  clock: Clock = systemClock,
): Bulkhead {
  const waiters = new Set<() => void>();
  let running = 0;

  const turn = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiters.delete(go);
        cancel();
        signal.removeEventListener('abort', stop);
      };
      const go = () => {
        leave();
        resolve();
      };
      const stop = () => {
        leave();
        reject(signal.reason);
      };
      const cancel = clock.after(queueTimeoutMs, () => {
        leave();
        reject(new BulkheadError('BULKHEAD_TIMEOUT', { limit, queue, retryAfterMs: queueTimeoutMs }));
      });
      waiters.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  const enter = async (signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (running < limit) running++;
    else if (waiters.size < queue) await turn(signal);
    else throw new BulkheadError('BULKHEAD_FULL', { limit, queue, retryAfterMs: queueTimeoutMs });
  };
  // A slot passes to the first waiter directly, so that a call that comes now cannot overtake it.
  const leave = () => {
    const next = waiters.values().next().value;
    if (next === undefined) running--;
    else next();
  };

  return {
    limit,
    get running() {
      return running;
    },
    get waiting() {
      return waiters.size;
    },
    async acquire(signal = neverAborted) {
      await enter(signal);
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) leave();
          isHeld = false;
        },
      };
    },
    async execute(fn, signal = neverAborted) {
      await enter(signal);
      try {
        return await fn();
      } finally {
        leave();
      }
    },
  };
}
