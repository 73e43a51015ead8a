import { FetchError } from './fetch-error.ts';

/**
 * How long to leave the hub alone after that many failures before: from half a minute to six hours, and longer when it
 * asks for it, but no longer than that. Infinite when trying again is pointless.
 */
export function nextTryMs(error: unknown, failures: number): number {
  if (error instanceof FetchError && !error.retryable) return Number.POSITIVE_INFINITY;
  const asked = error instanceof FetchError ? (error.retryAfterMs ?? 0) : 0;
  return Math.min(LAST_TRY_MS, Math.max(asked, FIRST_TRY_MS * 2 ** failures));
}

const FIRST_TRY_MS = 30_000;
const LAST_TRY_MS = 6 * 3_600_000;

export function describeNextTry(ms: number): string {
  if (!Number.isFinite(ms)) return 'a person must act';
  return `next try in ${ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`}`;
}
