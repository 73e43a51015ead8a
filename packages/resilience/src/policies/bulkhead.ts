import { BulkheadError } from '../errors.ts';
import { type Clock, systemClock } from '../time/clock.ts';
import { neverAborted, startTimeLimit } from '../time/time-limit.ts';

export interface BulkheadOptions {
  /** Number of calls that run at the same time. */
  readonly limit: number;
  /** Number of calls that may wait; one more is refused at once. Default 0; `Infinity` is no bound. */
  readonly queue?: number;
  /** The longest wait for a slot. Default 1 s; `Infinity` is no limit. */
  readonly queueTimeoutMs?: number;
}

export type Bulkhead = ReturnType<typeof createBulkhead>;

/** A bulkhead without bounds on its queue: calls wait until it is their turn, or their signal aborts. */
export function createLimiter(limit: number) {
  return createBulkhead({ limit, queue: Infinity, queueTimeoutMs: Infinity });
}

/** Limits concurrency. Calls that wait get their slots in the order in which they came. */
export function createBulkhead(
  { limit, queue = 0, queueTimeoutMs = 1_000 }: BulkheadOptions,
  clock: Clock = systemClock,
) {
  const waiters = new Set<() => void>();
  let running = 0;

  const turn = async (signal: AbortSignal) => {
    const reason = () =>
      new BulkheadError('BULKHEAD_TIMEOUT', { limit, queue, retryAfterMs: queueTimeoutMs });
    using wait = startTimeLimit({ timeoutMs: queueTimeoutMs, signal, clock, reason });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    wait.signal.addEventListener('abort', () => {
      waiters.delete(resolve);
      reject(wait.signal.reason);
    });
    waiters.add(resolve);
    await promise;
  };
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
    else {
      waiters.delete(next);
      next();
    }
  };

  return {
    limit,
    get running() {
      return running;
    },
    get waiting() {
      return waiters.size;
    },
    /**
     * Disposing the slot hands it to the next call; disposing it twice does nothing.
     * @throws {BulkheadError} BULKHEAD_FULL when the queue is full, BULKHEAD_TIMEOUT when the wait was too long; the
     * signal's reason when it aborts before the slot is free
     */
    async acquire(signal: AbortSignal = neverAborted): Promise<Disposable> {
      await enter(signal);
      let isHeld = true;
      return {
        [Symbol.dispose]() {
          if (isHeld) leave();
          isHeld = false;
        },
      };
    },
    /** Calls `fn` with a slot. @throws as `acquire`, without calling `fn` */
    async execute<T>(fn: () => PromiseLike<T> | T, signal: AbortSignal = neverAborted): Promise<T> {
      await enter(signal);
      try {
        return await fn();
      } finally {
        leave();
      }
    },
  };
}
