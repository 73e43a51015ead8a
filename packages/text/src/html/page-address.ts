import type { TextDocument } from '@xnai/contracts';
import { headingName } from '../heading-name.ts';
import { webAddress } from '../web-address.ts';
import type { PageFacts, PageLink } from './page-facts.ts';
import { visibleText } from './visible-text.ts';

export type { PageLink };

const MAX_TITLE_LENGTH = 300;

/** As it is shared (Open Graph), as structured data has it, `<title>`, the first heading, the name of the file. */
export function titleOf({ titles }: PageFacts, document: TextDocument, url: string | undefined): string {
  const candidates = [...titles, headingName(document) ?? '', url === undefined ? '' : nameOf(url)];
  const title = candidates
    .map((candidate) => visibleText(candidate).replace(/\s+/g, ' ').trim())
    .find((candidate) => candidate !== '');
  return (title ?? url ?? '').slice(0, MAX_TITLE_LENGTH).toWellFormed();
}

function nameOf(url: string): string {
  const { pathname, hostname } = new URL(url);
  const name = pathname.split('/').findLast((segment) => segment !== '') ?? hostname;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

export function languageOf({ language }: PageFacts): string | undefined {
  const name = language?.trim().replaceAll('_', '-');
  return name !== undefined && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(name) ? name : undefined;
}

/** Base of a page's relative links; undefined when it has no address. */
export function baseOf(url: string | undefined, baseHref: string | undefined): string | undefined {
  const base = baseHref === undefined ? null : URL.parse(baseHref.trim(), url);
  return base !== null && /^https?:$/.test(base.protocol) ? base.href : url;
}

interface LinkingPage {
  readonly url: string | undefined;
  readonly keepsRoutes: boolean;
}

/** Each address once; of several links the one that may be followed. Links of a page to itself are left out. */
export function linksOf({ hrefs, frames }: PageFacts, base: string | undefined, page: LinkingPage) {
  const links = new Map<string, PageLink>();
  const self = page.url === undefined ? undefined : webAddress(page.url, undefined, page);
  for (const { href, rel, text } of hrefs) {
    const url = webAddress(href, base, page);
    if (url === undefined || url === self) continue;
    const known = links.get(url);
    const isBetter = known === undefined || (known.rel.includes('nofollow') && !rel.includes('nofollow'));
    if (isBetter) links.set(url, { url, rel, text: known?.text || text });
    else if (known.text === '') links.set(url, { ...known, text });
  }
  const inner = frames.map((source) => webAddress(source, base)).filter((url) => url !== undefined);
  return { links: [...links.values()], frames: [...new Set(inner)] };
}

/**
 * Another origin's page is not this one, and neither is the home page: some sites name it on every page,
 * and believing that would leave one document of the whole site.
 */
export function believedCanonical(
  href: string | undefined,
  base: string | undefined,
  url: string | undefined,
): string | undefined {
  const page = url === undefined ? null : URL.parse(url);
  const target = href === undefined ? null : URL.parse(href.trim(), base);
  if (page === null || target === null || target.origin !== page.origin) return undefined;
  const isHomeOfAll = target.pathname === '/' && target.search === '' && page.pathname !== '/';
  return isHomeOfAll ? undefined : target.href;
}
