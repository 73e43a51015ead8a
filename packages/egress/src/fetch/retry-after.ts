/**
 * Milliseconds that a `Retry-After` header asks for (RFC 9110 section 10.2.3: seconds or a date); undefined when
 * the header is absent or unreadable, 0 for a date in the past.
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}
