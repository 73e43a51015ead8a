import type { Classify } from '../options/options.ts';
import type { Deadline } from '../time/deadline.ts';

export type Call<T> = (context: { readonly signal: AbortSignal }) => PromiseLike<T> | T;

export interface ExecuteOptions<F = never> {
  readonly signal?: AbortSignal | undefined;
  /** The caller's own limit. A call that runs into it says nothing about the dependency and is not counted. */
  readonly deadline?: Deadline | undefined;
  /** Replaces the breaker's own limit for this call. A call that runs into it counts as a failure. */
  readonly timeoutMs?: number | undefined;
  /** Answers in place of a call that failed or was not made, but not when the caller aborted. */
  readonly fallback?: ((error: unknown) => F | PromiseLike<F>) | undefined;
  readonly classify?: Classify | undefined;
}
