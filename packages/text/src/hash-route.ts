/**
 * The fragment of an address when scripts show another page for it (`#/guide`, `#!guide`), or ''. The first page, `#/`, is
 * the one without a fragment, and any other fragment is a place within a page.
 */
export function hashRouteOf({ hash }: Pick<URL, 'hash'>): string {
  return /^#(?:\/|!\/?)[^/]/.test(hash) ? hash : '';
}
