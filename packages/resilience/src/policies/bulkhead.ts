import type { Clock } from '../clock.ts';
import { BulkheadError } from '../errors.ts';

export interface BulkheadOptions {
  /** So many run at once. */
  readonly limit: number;
  /** So many wait; one more is refused at once. */
  readonly queue?: number;
  /** A call waits no longer than this for its slot. */
  readonly queueTimeoutMs?: number;
}

export interface Bulkhead {
  readonly running: number;
  readonly waiting: number;
  readonly limit: number;
  /** @throws BulkheadError without calling `fn`; the signal's reason when aborted while waiting. */
  execute<T>(fn: () => PromiseLike<T> | T, signal: AbortSignal): Promise<T>;
}

export const createBulkhead = (
  { limit, queue = 0, queueTimeoutMs = 1_000 }: BulkheadOptions,
  clock: Clock,
): Bulkhead => {
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
        reject(new BulkheadError('BULKHEAD_TIMEOUT', limit, queue, queueTimeoutMs));
      });
      waiters.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });

  return {
    limit,
    get running() {
      return running;
    },
    get waiting() {
      return waiters.size;
    },
    async execute(fn, signal) {
      signal.throwIfAborted();
      if (running < limit) running++;
      else if (waiters.size >= queue) throw new BulkheadError('BULKHEAD_FULL', limit, queue, queueTimeoutMs);
      // Whoever ends hands its slot to the first who waits: nobody can slip in between.
      else await turn(signal);
      try {
        return await fn();
      } finally {
        const next = waiters.values().next().value;
        if (next === undefined) running--;
        else next();
      }
    },
  };
};
