import { hashRouteOf } from './hash-route.ts';

/**
 * The absolute http(s) address that a link leads to; undefined when it leads elsewhere. Without its fragment, unless that is
 * a route of scripts and these are run.
 */
export function webAddress(
  href: string,
  base: string | undefined,
  { keepsRoutes = false } = {},
): string | undefined {
  const url = URL.parse(href.trim(), base);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = keepsRoutes ? hashRouteOf(url) : '';
  return url.href;
}
