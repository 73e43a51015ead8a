import type { Breaker } from '@xnai/resilience';
import { ModelError } from './model-error.ts';

export type Permit = Awaited<ReturnType<Breaker['acquire']>>;

/**
 * A permit of the breaker.
 *
 * @throws {ModelError} BREAKER_OPEN when the breaker refuses the call
 */
export async function acquire(breaker: Breaker, signal: AbortSignal | undefined): Promise<Permit> {
  try {
    return await breaker.acquire(signal === undefined ? {} : { signal });
  } catch (error) {
    if (!isRefusal(error)) throw error;
    throw new ModelError('BREAKER_OPEN', { retryAfterMs: error.retryAfterMs, cause: error });
  }
}

function isRefusal(error: unknown): error is { readonly retryAfterMs: number } {
  return error instanceof Error && 'retryAfterMs' in error && 'breaker' in error;
}
