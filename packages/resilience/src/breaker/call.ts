import type { Classify } from '../options/breaker-options.ts';
import type { Clock } from '../time/clock.ts';
import type { Deadline } from '../time/deadline.ts';
import { neverAborted, withTimeLimit } from '../time/time-limit.ts';

export type Call<T> = (context: { readonly signal: AbortSignal }) => PromiseLike<T> | T;

/** What a call through a breaker or a pipeline is given by its caller. */
export interface CallerOptions<F = never> {
  readonly signal?: AbortSignal | undefined;
  /** The caller's own limit. A call that runs into it says nothing about the dependency and is not counted. */
  readonly deadline?: Deadline | undefined;
  /** Answers in place of a call that failed or was not made, but not when the caller aborted. */
  readonly fallback?: ((error: unknown) => F | PromiseLike<F>) | undefined;
}

export interface ExecuteOptions<F = never> extends CallerOptions<F> {
  /** Replaces the breaker's own limit for this call. A call that runs into it counts as a failure. */
  readonly timeoutMs?: number | undefined;
  readonly classify?: Classify | undefined;
}

/** Makes the call within the caller's deadline, and answers by the fallback when it fails. */
export const callWithin = async <T, F>(
  call: Call<T>,
  { signal = neverAborted, deadline, fallback }: CallerOptions<F>,
  clock: Clock,
): Promise<T | F> => {
  try {
    if (deadline === undefined) return await call({ signal });
    return await withTimeLimit(call, { deadline, signal, clock });
  } catch (error) {
    if (fallback === undefined || signal.aborted) throw error;
    return await fallback(error);
  }
};
