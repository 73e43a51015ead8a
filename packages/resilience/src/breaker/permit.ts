import type { Verdict } from '../options/breaker-options.ts';

/** The right to make one call, for work whose end the caller sees: streams, sockets. Dropped, it counts for nothing. */
export interface Permit extends AsyncDisposable {
  success(): void;
  failure(error?: unknown): void;
  ignore(): void;
}

/** @param end told once how it ended, whatever the caller does after. */
export const createPermit = (end: (verdict: Verdict, error: unknown) => void): Permit => {
  let done = false;
  const endOnce = (verdict: Verdict, error?: unknown) => {
    if (done) return;
    done = true;
    end(verdict, error);
  };
  return {
    success: () => endOnce('success'),
    failure: (error) => endOnce('failure', error),
    ignore: () => endOnce('ignored'),
    [Symbol.asyncDispose]: async () => endOnce('ignored'),
  };
};
