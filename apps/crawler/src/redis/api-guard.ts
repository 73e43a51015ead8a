import type { Breaker } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import type { Guard } from './guard-calls.ts';
import { isRedisAway } from './patiently.ts';

const ATTEMPT_MS = 900;
const RETRY_AFTER_MS = 2000;

/** For answering requests: one try, and a plain error while Redis is away. */
export function createApiGuard(breaker: Breaker): Guard {
  return async (call) => {
    try {
      return await breaker.execute(call, { timeoutMs: ATTEMPT_MS });
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('OOM')) {
        throw new ServiceError('STORAGE_FULL', { cause: error, retryAfterMs: RETRY_AFTER_MS });
      }
      if (!isRedisAway(error)) throw error;
      throw new ServiceError('REDIS_UNAVAILABLE', { cause: error, retryAfterMs: RETRY_AFTER_MS });
    }
  };
}
