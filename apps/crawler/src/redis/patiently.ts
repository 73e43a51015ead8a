import { setTimeout as sleep } from 'node:timers/promises';
import { type Breaker, BreakerOpenError } from '@xnai/resilience';

/** Redis was away for longer than the work could wait. */
export class StorageLost extends Error {
  constructor(cause: unknown) {
    super('Redis could not be reached for too long', { cause });
    this.name = 'StorageLost';
  }
}

export interface Patience {
  readonly breaker: Breaker;
  readonly signal: AbortSignal;
  /** Infinity waits until the signal. */
  readonly giveUpMs: number;
  readonly attemptMs?: number;
}

/** Does something with Redis, again and again while Redis is away. What it does must be idempotent. */
export async function patiently<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { breaker, signal, giveUpMs, attemptMs = 5000 } = patience;
  const startMs = performance.now();
  for (;;) {
    signal.throwIfAborted();
    try {
      return await breaker.execute(work, { signal, timeoutMs: attemptMs });
    } catch (error) {
      if (signal.aborted || !isRedisAway(error)) throw error;
      if (performance.now() - startMs > giveUpMs) throw new StorageLost(error);
      await sleep(waitMs(error), undefined, { signal });
    }
  }
}

/** A half-open breaker says when it lets another in at the latest; mostly it closes long before. */
function waitMs(error: unknown): number {
  const askedMs = error instanceof BreakerOpenError ? error.retryAfterMs : 0;
  return Math.min(Math.max(200, askedMs), 1000);
}

/** A reply from Redis that is no fault of the command: it is starting, full, or busy with a script. */
const PASSING = /^(LOADING|MASTERDOWN|BUSY |OOM|TRYAGAIN|CLUSTERDOWN|READONLY)/;

/** False for Redis's refusals and for our own errors; true for a connection that is not there. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return PASSING.test(error.message);
  const { code } = error as NodeJS.ErrnoException;
  return AWAY.test(error.message) || AWAY_CODES.has(String(code));
}

const AWAY =
  /Connection is closed|Stream isn't writeable|Command timed out|max retries per request|Socket closed/i;
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ATTEMPT_TIMEOUT',
  'BREAKER_OPEN',
  'BREAKER_ISOLATED',
]);
