import { type Checks, checksOf } from '../checks.ts';
import type { PipelineOptions } from './pipeline.ts';

/** @throws {ResilienceError} BAD_OPTIONS when an option makes no sense; the message names the breaker, the option and the value. */
export const checkPipeline = (breaker: string, options: PipelineOptions): void => {
  const check = checksOf(`pipeline '${breaker}'`);
  const { timeoutMs, attemptTimeoutMs, bulkhead, retry, retryBudget } = options;
  check.known('', options, names);
  if (timeoutMs !== undefined) check.ms('timeoutMs', timeoutMs);
  if (attemptTimeoutMs !== undefined) check.ms('attemptTimeoutMs', attemptTimeoutMs);
  if (bulkhead !== undefined) checkBulkhead(check, bulkhead);
  if (retry !== undefined) checkRetry(check, retry);
  if (retryBudget !== undefined) checkBudget(check, retryBudget);
};

const names = [
  'timeoutMs',
  'attemptTimeoutMs',
  'bulkhead',
  'retry',
  'retryBudget',
  'classify',
] satisfies (keyof PipelineOptions)[];

const checkBulkhead = (check: Checks, options: NonNullable<PipelineOptions['bulkhead']>): void => {
  check.known('bulkhead.', options, ['limit', 'queue', 'queueTimeoutMs']);
  check.count('bulkhead.limit', options.limit, { max: 1e6 });
  check.count('bulkhead.queue', options.queue ?? 0, { min: 0, max: 1e6 });
  check.ms('bulkhead.queueTimeoutMs', options.queueTimeoutMs ?? 1_000);
};

const checkRetry = (check: Checks, options: NonNullable<PipelineOptions['retry']>): void => {
  check.known('retry.', options, ['maxAttempts', 'initialDelayMs', 'maxDelayMs', 'retryable']);
  check.count('retry.maxAttempts', options.maxAttempts ?? 3, { max: 100 });
  check.ms('retry.initialDelayMs', options.initialDelayMs ?? 100);
  check.ms('retry.maxDelayMs', options.maxDelayMs ?? 5_000);
};

const checkBudget = (check: Checks, options: NonNullable<PipelineOptions['retryBudget']>): void => {
  check.known('retryBudget.', options, ['ratio', 'minPerSecond', 'windowMs']);
  check.between('retryBudget.ratio', options.ratio ?? 0, 0, 10);
  check.between('retryBudget.minPerSecond', options.minPerSecond ?? 0, 0, 1e6);
  check.ms('retryBudget.windowMs', options.windowMs ?? 10_000);
};
