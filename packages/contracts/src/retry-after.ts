/**
 * Reads a `Retry-After` header (RFC 9110, section 10.2.3: whole seconds or an HTTP date). Fractions of a second, which
 * some servers send, are read too.
 *
 * @returns milliseconds from `nowMs` (Unix time) on, 0 for a date in the past; undefined for a header that is absent,
 *   empty or in another form, so that a caller uses its own interval
 */
export function readRetryAfter(
  header: string | null | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  const text = header?.trim() ?? '';
  if (SECONDS.test(text)) return Math.min(Number(text) * 1000, Number.MAX_SAFE_INTEGER);
  if (!HTTP_DATE.test(text)) return undefined;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}

const SECONDS = /^\d+(\.\d+)?$/;
/** Begins with the name of a day. `Date.parse` alone would read `-5` as a date too. */
const HTTP_DATE = /^[A-Za-z]{3,9},? /;
