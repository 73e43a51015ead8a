export interface PageLinks {
  /** Absolute http(s) URLs without fragment, each once, in order. */
  readonly links: readonly string[];
}

/** Where a page leads, its own address left out. */
export function collectLinks(hrefs: readonly string[], base: string, pageUrl: string): PageLinks {
  const seen = new Set<string>();
  const self = withoutFragment(new URL(pageUrl));
  for (const href of hrefs) {
    const url = URL.parse(href.trim(), base);
    if (url === null || !/^https?:$/.test(url.protocol)) continue;
    const link = withoutFragment(url);
    if (link !== self) seen.add(link);
  }
  return { links: [...seen] };
}

/** Base of a page's relative links. */
export function baseOf(pageUrl: string, baseHref: string | undefined): string {
  const base = baseHref === undefined ? null : URL.parse(baseHref.trim(), pageUrl);
  return base !== null && /^https?:$/.test(base.protocol) ? base.href : pageUrl;
}

function withoutFragment(url: URL): string {
  const copy = new URL(url);
  copy.hash = '';
  return copy.href;
}
