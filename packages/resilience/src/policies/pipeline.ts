import { z } from 'zod';
import type { Breaker } from '../breaker/breaker.ts';
import { type Call, type CallerOptions, callWithin } from '../breaker/call.ts';
import { count, parseOptions, timeMs } from '../options/parse.ts';
import type { Clock } from '../time/clock.ts';
import { type Deadline, deadlineIn, earliest } from '../time/deadline.ts';
import { createBulkhead } from './bulkhead.ts';
import { retry, retryOptions } from './retry.ts';
import { createRetryBudget, retryBudgetOptions } from './retry-budget.ts';

const pipelineOptions = z.strictObject({
  /** Total time of a call, with all its attempts and waits. */
  timeoutMs: timeMs.optional(),
  attemptTimeoutMs: timeMs.optional(),
  /** As `createBulkhead` takes it. */
  bulkhead: z
    .strictObject({
      limit: count(1e6),
      queue: z.int().min(0).max(1e6).default(0),
      queueTimeoutMs: timeMs.default(1_000),
    })
    .optional(),
  /** Only for calls that may be made twice. */
  retry: retryOptions.optional(),
  retryBudget: retryBudgetOptions.prefault({}),
});

export type PipelineOptions = z.input<typeof pipelineOptions>;

/** What `fn` is given: the deadline is there to be passed on to the next hop. */
export interface PipelineContext {
  readonly signal: AbortSignal;
  readonly deadline?: Deadline | undefined;
}

export type Pipeline = ReturnType<typeof createPipeline>;

/**
 * The policies around a breaker, in the order that lets each do its work, outermost first:
 * fallback, total deadline, bulkhead, retry, breaker, limit of one attempt. The breaker sees every attempt, and an
 * open circuit ends the retries.
 * @throws {ResilienceError} BAD_OPTIONS when an option makes no sense
 */
export const createPipeline = (breaker: Breaker, given: PipelineOptions, clock: Clock) => {
  const options = parseOptions(pipelineOptions, `pipeline '${breaker.name}'`, given);
  const bulkhead = options.bulkhead && createBulkhead(options.bulkhead, clock);
  const budget = createRetryBudget(options.retryBudget, clock);

  const attempts = <T>(fn: Call<T>, signal: AbortSignal, deadline: Deadline | undefined) => {
    const attempt = () => breaker.execute(fn, { signal, timeoutMs: options.attemptTimeoutMs });
    if (options.retry === undefined) return attempt();
    return retry(attempt, options.retry, { signal, budget, clock, remainingMs: deadline?.remainingMs });
  };

  return {
    breaker,
    bulkhead,
    budget,
    /** Where the caller gives a deadline, the nearer of the two holds. */
    execute<T, F = never>(
      fn: (context: PipelineContext) => PromiseLike<T> | T,
      call: CallerOptions<F> = {},
    ): Promise<T | F> {
      const own = options.timeoutMs === undefined ? undefined : deadlineIn(options.timeoutMs, clock);
      const deadline = earliest(own, call.deadline);
      const run = (signal: AbortSignal) =>
        attempts((context) => fn({ signal: context.signal, deadline }), signal, deadline);
      return callWithin(
        ({ signal }) => (bulkhead ? bulkhead.execute(() => run(signal), signal) : run(signal)),
        { ...call, deadline },
        clock,
      );
    },
  };
};
