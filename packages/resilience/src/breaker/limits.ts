import type { Clock } from '../clock.ts';
import { DeadlineError } from '../errors.ts';
import type { Classify } from '../options/options.ts';
import { neverAborted, withTimeLimit } from '../policies/time-limit.ts';
import type { Call, ExecuteOptions } from './call.ts';

/** One call through the circuit, without limits of time. */
type Run = <T>(fn: Call<T>, signal: AbortSignal, classify: Classify | undefined) => Promise<T>;

export interface LimitDeps {
  readonly run: Run;
  readonly clock: Clock;
  /** Of an attempt, where the call sets none. */
  readonly timeoutMs: number | undefined;
}

/** A call with all that its options ask for, outermost first: fallback, the caller's deadline, the attempt's limit. */
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
  const ms = options.deadline?.remainingMs() ?? options.deadlineMs;
  if (ms === undefined) return withTimeout(fn, options, deps);
  return withTimeLimit(({ signal }) => withTimeout(fn, { ...options, signal }, deps), {
    ms,
    clock: deps.clock,
    signal: options.signal ?? neverAborted,
    reason: () => new DeadlineError('DEADLINE_EXCEEDED', ms),
  });
};

const withTimeout = <T>(
  fn: Call<T>,
  { signal = neverAborted, timeoutMs, classify }: ExecuteOptions<unknown>,
  { run, clock, timeoutMs: byDefaultMs }: LimitDeps,
): Promise<T> => {
  const ms = timeoutMs ?? byDefaultMs;
  if (ms === undefined) return run(fn, signal, classify);
  const limit = { ms, clock, reason: () => new DeadlineError('ATTEMPT_TIMEOUT', ms) };
  return run((context) => withTimeLimit(fn, { ...limit, signal: context.signal }), signal, classify);
};
