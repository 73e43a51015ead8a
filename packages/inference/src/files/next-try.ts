import { ModelFetchError } from './fetch-error.ts';

/**
 * The pause before the source is asked again after this number of failures: from half a minute, doubled each time, to six
 * hours. The source may ask for a longer pause within these bounds. Infinite when another attempt is pointless.
 */
export function nextTryMs(error: unknown, failures: number): number {
  const asked = error instanceof ModelFetchError ? error : undefined;
  if (asked?.retryable === false) return Number.POSITIVE_INFINITY;
  return Math.min(LAST_TRY_MS, Math.max(asked?.retryAfterMs ?? 0, FIRST_TRY_MS * 2 ** failures));
}

const FIRST_TRY_MS = 30_000;
/** The longest pause, also after a failure that another attempt alone does not mend. */
export const LAST_TRY_MS = 6 * 3_600_000;

export function describeNextTry(ms: number): string {
  if (!Number.isFinite(ms)) return 'a person must act';
  return `next try in ${ms < 60_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`}`;
}
