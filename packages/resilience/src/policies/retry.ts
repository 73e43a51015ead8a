import { ExponentialBackoff, type IBackoff, isBrokenCircuitError, isBulkheadRejectedError } from 'cockatiel';
import { z } from 'zod';
import { statusOf } from '../breaker/classify.ts';
import { count, timeMs } from '../options/parse.ts';
import type { Clock } from '../time/clock.ts';
import { sleep } from '../time/time-limit.ts';
import type { RetryBudget } from './retry-budget.ts';

export const retryOptions = z.strictObject({
  /** The first call included. */
  maxAttempts: count(100).default(3),
  initialDelayMs: timeMs.default(100),
  maxDelayMs: timeMs.default(5_000),
  /** Whether the same call may be made again after this error. */
  retryable: z.custom<(error: unknown) => boolean>().default(() => isRetryable),
});

export interface RetryContext {
  readonly signal: AbortSignal;
  readonly budget: RetryBudget;
  readonly clock: Clock;
  readonly remainingMs?: (() => number) | undefined;
}

/**
 * Calls again after errors that may pass, with decorrelated jitter between. It stops when the budget is used up,
 * when the wait would outlast the deadline, and at once when aborted, asleep or not.
 */
export const retry = async <T>(
  fn: () => Promise<T>,
  { maxAttempts, initialDelayMs, maxDelayMs, retryable }: z.output<typeof retryOptions>,
  { signal, budget, clock, remainingMs = () => Infinity }: RetryContext,
): Promise<T> => {
  budget.deposit();
  let backoff: IBackoff<unknown> = new ExponentialBackoff({
    initialDelay: initialDelayMs,
    maxDelay: maxDelayMs,
  }).next();
  for (let attempt = 1; ; attempt++) {
    try {
      return await fn();
    } catch (error) {
      if (attempt >= maxAttempts || signal.aborted || !retryable(error)) throw error;
      const delayMs = Math.max(backoff.duration, retryAfterOf(error));
      if (delayMs >= remainingMs() || !budget.withdraw()) throw error;
      await sleep(delayMs, clock, signal);
      backoff = backoff.next(undefined);
    }
  }
};

/** An open circuit, a full bulkhead and a request that was wrong stay so for longer than a retry waits. */
const isRetryable = (error: unknown): boolean => {
  if (isBrokenCircuitError(error as Error) || isBulkheadRejectedError(error as Error)) return false;
  if ((error as { name?: unknown } | null)?.name === 'AbortError') return false;
  const status = statusOf(error);
  return status === undefined || status >= 500 || retryableStatuses.has(status);
};

const retryableStatuses = new Set([408, 425, 429]);

const retryAfterOf = (error: unknown): number => {
  const ms = (error as { retryAfterMs?: unknown } | null)?.retryAfterMs;
  return typeof ms === 'number' && ms > 0 ? ms : 0;
};
