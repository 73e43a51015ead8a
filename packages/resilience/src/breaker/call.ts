import type { Classify } from '../options/options.ts';
import type { Deadline } from '../policies/deadline.ts';

export type Call<T> = (context: { readonly signal: AbortSignal }) => PromiseLike<T> | T;

export interface ExecuteOptions<F = never> {
  readonly signal?: AbortSignal | undefined;
  /** The caller's own limit: passing it says nothing of the dependency. */
  readonly deadlineMs?: number | undefined;
  readonly deadline?: Deadline | undefined;
  /** Replaces the breaker's own limit for this call. Passing it is a failure. */
  readonly timeoutMs?: number | undefined;
  /** Answers in place of a call that failed or was not made. The caller's own abort is passed on. */
  readonly fallback?: ((error: unknown) => F | PromiseLike<F>) | undefined;
  readonly classify?: Classify | undefined;
}
