import type { Breaker } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import { type Guard, isRedisAway, isRedisFull } from './guards.ts';

const ATTEMPT_MS = 900;
const RETRY_AFTER_MS = 2000;

/**
 * For answering requests: one attempt.
 * @throws {ServiceError} REDIS_UNAVAILABLE while Redis is away, STORAGE_FULL when it has no memory or disk left
 */
export function createApiGuard(breaker: Breaker): Guard {
  return async (call) => {
    try {
      return await breaker.execute(call, { timeoutMs: ATTEMPT_MS });
    } catch (error) {
      if (isRedisFull(error)) {
        throw new ServiceError('STORAGE_FULL', { cause: error, retryAfterMs: RETRY_AFTER_MS });
      }
      if (!isRedisAway(error)) throw error;
      throw new ServiceError('REDIS_UNAVAILABLE', { cause: error, retryAfterMs: RETRY_AFTER_MS });
    }
  };
}
