import type { Breaker } from '../breaker/breaker.ts';
import type { Call } from '../breaker/call.ts';
import type { Classify } from '../options/options.ts';
import type { Clock } from '../time/clock.ts';
import { type Deadline, deadlineIn, earliest } from '../time/deadline.ts';
import { neverAborted, withTimeLimit } from '../time/time-limit.ts';
import { type Bulkhead, type BulkheadOptions, createBulkhead } from './bulkhead.ts';
import { type RetryOptions, retry } from './retry.ts';
import { createRetryBudget, type RetryBudget, type RetryBudgetOptions } from './retry-budget.ts';

export interface PipelineOptions {
  /** Total time of a call, with all its attempts and waits. */
  readonly timeoutMs?: number;
  readonly attemptTimeoutMs?: number;
  readonly bulkhead?: BulkheadOptions;
  /** Only for calls that may be made twice. */
  readonly retry?: RetryOptions;
  readonly retryBudget?: RetryBudgetOptions;
  readonly classify?: Classify;
}

export interface PipelineCall<F> {
  readonly signal?: AbortSignal | undefined;
  /** The caller's deadline; the pipeline's own still holds when it is nearer. */
  readonly deadline?: Deadline | undefined;
  readonly fallback?: ((error: unknown) => F | PromiseLike<F>) | undefined;
}

/** What `fn` is given: the deadline is there to be passed on to the next hop. */
export interface PipelineContext {
  readonly signal: AbortSignal;
  readonly attempt: number;
  readonly deadline?: Deadline | undefined;
}

export interface Pipeline {
  readonly breaker: Breaker;
  readonly bulkhead?: Bulkhead | undefined;
  readonly budget: RetryBudget;
  execute<T, F = never>(
    fn: (context: PipelineContext) => PromiseLike<T> | T,
    call?: PipelineCall<F>,
  ): Promise<T | F>;
}

/**
 * The policies around a breaker, in the order that lets each do its work, outermost first:
 * fallback, total deadline, bulkhead, retry, breaker, limit of one attempt. The breaker sees every attempt, and an
 * open circuit ends the retries.
 */
export const createPipeline = (
  breaker: Breaker,
  { clock, ...options }: PipelineOptions & { readonly clock: Clock },
): Pipeline => {
  const bulkhead = options.bulkhead && createBulkhead(options.bulkhead, clock);
  const budget = createRetryBudget(options.retryBudget ?? {}, clock);

  type Fn<T> = (context: PipelineContext) => PromiseLike<T> | T;
  const attempts = <T>(fn: Fn<T>, signal: AbortSignal, deadline: Deadline | undefined) => {
    const attempt = (n: number) =>
      breaker.execute((context) => fn({ ...context, attempt: n, deadline }), {
        signal,
        timeoutMs: options.attemptTimeoutMs,
        classify: options.classify,
      });
    if (options.retry === undefined) return attempt(1);
    return retry(attempt, options.retry, { signal, budget, clock, remainingMs: deadline?.remainingMs });
  };
  const admitted = <T>(fn: Fn<T>, signal: AbortSignal, deadline: Deadline | undefined): Promise<T> =>
    bulkhead
      ? bulkhead.execute(() => attempts(fn, signal, deadline), signal)
      : attempts(fn, signal, deadline);

  const limited = <T>(fn: Fn<T>, signal: AbortSignal, given: Deadline | undefined): Promise<T> => {
    const own = options.timeoutMs === undefined ? undefined : deadlineIn(options.timeoutMs, clock);
    const deadline = earliest(own, given);
    if (deadline === undefined) return admitted(fn, signal, undefined);
    const run: Call<T> = (context) => admitted(fn, context.signal, deadline);
    return withTimeLimit(run, { deadline, clock, signal });
  };

  return {
    breaker,
    bulkhead,
    budget,
    async execute(fn, { signal = neverAborted, deadline, fallback } = {}) {
      try {
        return await limited(fn, signal, deadline);
      } catch (error) {
        if (fallback === undefined || signal.aborted) throw error;
        return await fallback(error);
      }
    },
  };
};
