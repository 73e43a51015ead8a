import { type Breaker, BreakerOpenError, type BreakerOptions, type Permit } from '@xnai/resilience';
import { ModelError } from './model-error.ts';

/** A single crash does not open the breaker, three failed calls in a row do; the first probe comes after five seconds. */
const BREAKER: BreakerOptions = {
  // Each replica has its own model processes, so that the breaker opens for all only when all of them fail.
  quorum: { replicas: 1_000 },
  window: { kind: 'consecutive', failures: 3 },
  openMs: 5_000,
  maxOpenMs: 60_000,
};

/**
 * Of the servers that run models for us, one for each: what one replica has opened is open for all, and the next server
 * of the list is asked.
 */
export const MODEL_SERVER_BREAKERS = {
  max: 64,
  idleMs: 600_000,
  scope: 'shared',
  window: { kind: 'consecutive', failures: 3 },
  openMs: 5_000,
  maxOpenMs: 60_000,
} as const;

/** To be defined in the service's registry. */
export const MODEL_BREAKERS = { generate: BREAKER, embed: BREAKER, rerank: BREAKER } as const;

/** @throws {ModelError} BREAKER_OPEN when the breaker refuses the call */
export async function acquirePermit(breaker: Breaker, signal: AbortSignal | undefined): Promise<Permit> {
  try {
    return await breaker.acquire(signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof BreakerOpenError)) throw error;
    throw new ModelError('BREAKER_OPEN', { retryAfterMs: error.retryAfterMs, cause: error });
  }
}
