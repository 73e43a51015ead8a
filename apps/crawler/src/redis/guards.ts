import { setTimeout as sleep } from 'node:timers/promises';
import { type Breaker, BreakerOpenError } from '@xnai/resilience';

/** What to do while Redis is away: fail at once, or wait for it. */
export type Guard = <T>(call: () => Promise<T>) => Promise<T>;

/** The same object with every call of a method, each of which gives a promise, passed through `guard`. */
export function guardCalls<T extends object>(target: T, guard: Guard): T {
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => guard(() => member.apply(object, args));
    },
  });
}

const FULL = /^(OOM|MISCONF)/;

/** Redis refuses writes: its memory is used up, or its disk. */
export function isRedisFull(error: unknown): boolean {
  return error instanceof Error && FULL.test(replyOf(error));
}

/** Redis reads, and refuses writes: it cannot save them, for instance because its disk is full. */
export function cannotSave(error: unknown): boolean {
  return error instanceof Error && replyOf(error).startsWith('MISCONF');
}

/** What Redis replied. Of a transaction (EXECABORT) that is why it was left out, which its first refused command says. */
function replyOf(error: Error & { readonly previousErrors?: readonly Error[] }): string {
  const [{ message } = error] = error.previousErrors ?? [];
  return message.replace(/^EXECABORT .* because of: /, '');
}

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
  /** Infinity waits until the signal is aborted. */
  readonly giveUpMs: number;
  readonly attemptMs?: number;
}

/**
 * Repeats work with Redis while Redis is away. The work must be idempotent.
 * @throws {StorageLost} when Redis was away for `giveUpMs`
 */
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

/** A half-open breaker says when it admits another call at the latest; usually it closes much earlier. */
function waitMs(error: unknown): number {
  const askedMs = error instanceof BreakerOpenError ? error.retryAfterMs : 0;
  return Math.min(Math.max(200, askedMs), 1000);
}

/** Replies of a Redis that is starting, full, busy with a script, or no master: the command itself is not at fault. */
const PASSING = /^(LOADING|MASTERDOWN|BUSY |OOM|MISCONF|TRYAGAIN|CLUSTERDOWN|READONLY|NOREPLICAS|UNBLOCKED)/;

/** True when there is no connection; false when Redis refused the command, and for errors of this service. */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return PASSING.test(replyOf(error));
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
  'NOT_CONFIRMED',
]);
