import type { Classify } from '../options/options.ts';
import type { Clock } from '../time/clock.ts';
import { neverAborted, withTimeLimit } from '../time/time-limit.ts';
import type { Call, ExecuteOptions } from './call.ts';

/** One call through the circuit, without limits of time. */
type Run = <T>(fn: Call<T>, signal: AbortSignal, classify: Classify | undefined) => Promise<T>;

export interface LimitDeps {
  readonly run: Run;
  readonly clock: Clock;
  /** Of an attempt, where the call sets none. */
  readonly timeoutMs: number | undefined;
}

/** A call with the limits that its options ask for, outermost first: fallback, the caller's deadline, the attempt's limit. */
export const withLimits = async <T, F>(
  fn: Call<T>,
  options: ExecuteOptions<F>,
  deps: LimitDeps,
): Promise<T | F> => {
  const { fallback, signal } = options;
  if (fallback === undefined) return withDeadline(fn, options, deps);
  try {
    return await withDeadline(fn, options, deps);
  } catch (error) {
    if (signal?.aborted) throw error;
    return await fallback(error);
  }
};

const withDeadline = <T>(fn: Call<T>, options: ExecuteOptions<unknown>, deps: LimitDeps): Promise<T> => {
  const { deadline, signal } = options;
  if (deadline === undefined) return withTimeout(fn, options, deps);
  const run: Call<T> = (context) => withTimeout(fn, { ...options, signal: context.signal }, deps);
  return withTimeLimit(run, { deadline, signal, clock: deps.clock });
};

const withTimeout = <T>(
  fn: Call<T>,
  { signal = neverAborted, timeoutMs, classify }: ExecuteOptions<unknown>,
  { run, clock, timeoutMs: defaultMs }: LimitDeps,
): Promise<T> => {
  const limitMs = timeoutMs ?? defaultMs;
  if (limitMs === undefined) return run(fn, signal, classify);
  const limited: Call<T> = (context) =>
    withTimeLimit(fn, { timeoutMs: limitMs, clock, signal: context.signal });
  return run(limited, signal, classify);
};
