/** A URL as a span may show it: without login, query and fragment, which may hold what is nobody's business. */
export function spanUrl(url: string): string {
  const { origin, pathname, search } = URL.parse(url) ?? { origin: 'invalid:', pathname: '', search: '' };
  return `${origin}${pathname}${search === '' ? '' : '?REDACTED'}`;
}
