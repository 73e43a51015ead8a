/** The absolute http(s) address that a link leads to, without its fragment; undefined when it leads elsewhere. */
export function webAddress(href: string, base: string | undefined): string | undefined {
  const url = URL.parse(href.trim(), base);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  url.hash = '';
  return url.href;
}
