import type { Clock } from '../clock.ts';

/** For calls that nobody can cancel. */
export const neverAborted: AbortSignal = new AbortController().signal;

/** Waits, unless the signal ends it: then it rejects with the signal's reason. */
export const sleep = (ms: number, clock: Clock, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });

export interface TimeLimit {
  readonly ms: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What the call is aborted and rejected with when time is up. */
  readonly reason: () => unknown;
}

/**
 * Runs `fn` for at most `ms`. Its signal is aborted at the limit, and the caller gets the limit's error then,
 * whether or not `fn` listens. The caller's own abort ends it likewise, with the caller's reason.
 */
export const withTimeLimit = async <T>(
  fn: (context: { signal: AbortSignal }) => PromiseLike<T> | T,
  { ms, clock, signal, reason }: TimeLimit,
): Promise<T> => {
  signal.throwIfAborted();
  const controller = new AbortController();
  const stopped = Promise.withResolvers<never>();
  const stop = (why: unknown) => {
    controller.abort(why);
    stopped.reject(why);
  };
  const onAbort = () => stop(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const cancel = clock.after(ms, () => stop(reason()));
  try {
    return await Promise.race([fn({ signal: controller.signal }), stopped.promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', onAbort);
  }
};
