/** Real sites stay below; generated series of links do not. */
const MAX_SEGMENTS = 16;
const MAX_REPEATS = 2;
const MAX_QUERY_KEYS = 8;

/**
 * True for URLs of the kind that endless series are made of: very deep paths, a segment that comes back a third time
 * (`/a/b/a/b/a`: a relative link that resolves against itself), very many query parameters.
 */
export function isTrap(url: URL): boolean {
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  if (segments.length > MAX_SEGMENTS || url.searchParams.size > MAX_QUERY_KEYS) return true;
  const counts = new Map<string, number>();
  for (const segment of segments) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  return [...counts.values()].some((count) => count > MAX_REPEATS);
}
