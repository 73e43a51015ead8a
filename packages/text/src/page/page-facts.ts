import { Tokenizer } from 'htmlparser2';
import { parseRefresh, type Refresh } from './refresh.ts';

export { parseRefresh, type Refresh };

/** What a page says about itself and its links, beside its text. */
export interface PageFacts {
  /** Absolute http(s) URLs of `<a>`, `<area>` and `<frame>`, without fragment, each once, in order; not the page itself. */
  readonly links: readonly string[];
  /** `rel=canonical` as an absolute URL, when it is believable. */
  readonly canonicalUrl: string | undefined;
  /** Contents of the `<meta>`s that address crawlers by one of the given names. */
  readonly robots: readonly string[];
  /** `<meta http-equiv=refresh>` that leads to another page. */
  readonly refresh: Refresh | undefined;
}

export interface PageFactsOptions {
  /** After redirects. */
  readonly url: string;
  /** Names in lower case, such as `robots`. */
  readonly robotsNames: readonly string[];
}

/** Reads a page once, by its tags alone: time and memory are in proportion to its length, whatever its nesting. */
export function readPageFacts(html: string, { url, robotsNames }: PageFactsOptions): PageFacts {
  const found = collectTags(html);
  const base = baseOf(url, found.base);
  const refresh = found.metas
    .filter((meta) => is(meta['http-equiv'], 'refresh') && meta.isLive)
    .map(contentOf);
  return {
    links: absoluteLinks(found.hrefs, base, url),
    canonicalUrl: believedCanonical(found.canonical, base, url),
    robots: found.metas
      .filter(({ name }) => robotsNames.includes(name?.trim().toLowerCase() ?? ''))
      .map(contentOf),
    refresh: refresh.map((content) => parseRefresh(content, base)).find((parsed) => parsed !== undefined),
  };
}

type Attributes = Record<string, string>;

interface FoundTags {
  readonly hrefs: string[];
  /** `isLive`: not within `<noscript>` or `<template>`. */
  readonly metas: (Attributes & { isLive?: string })[];
  base: string | undefined;
  canonical: string | undefined;
}

const READ = new Set(['a', 'area', 'frame', 'base', 'link', 'meta']);
const INERT = new Set(['noscript', 'template']);

function collectTags(html: string): FoundTags {
  const found: FoundTags = { hrefs: [], metas: [], base: undefined, canonical: undefined };
  let inert = 0;
  let tag: string | undefined;
  let attributes: Attributes = {};
  let name = '';
  let value = '';

  function end(): void {
    if (tag !== undefined) addTag(found, tag, attributes, inert === 0);
    tag = undefined;
  }

  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname(from, to) {
        const opened = html.slice(from, to).toLowerCase();
        if (INERT.has(opened)) inert += 1;
        tag = READ.has(opened) ? opened : undefined;
        attributes = {};
      },
      onclosetag(from, to) {
        if (inert > 0 && INERT.has(html.slice(from, to).toLowerCase())) inert -= 1;
      },
      onattribname(from, to) {
        name = tag === undefined ? '' : html.slice(from, to).toLowerCase();
        value = '';
      },
      onattribdata(from, to) {
        if (tag !== undefined) value += html.slice(from, to);
      },
      onattribentity(codepoint) {
        if (tag !== undefined) value += String.fromCodePoint(codepoint);
      },
      onattribend() {
        // The first of two equal attributes counts.
        if (tag !== undefined && !Object.hasOwn(attributes, name)) attributes[name] = value;
      },
      onopentagend: end,
      onselfclosingtag: end,
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onprocessinginstruction() {},
      ontext() {},
      ontextentity() {},
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return found;
}

function addTag(found: FoundTags, tag: string, attributes: Attributes, isLive: boolean): void {
  const href = attributes[tag === 'frame' ? 'src' : 'href'];
  if (tag === 'meta') found.metas.push({ ...attributes, ...(isLive ? { isLive: 'yes' } : {}) });
  else if (tag === 'base') found.base ??= href;
  else if (tag !== 'link') {
    if (href !== undefined) found.hrefs.push(href);
  } else if (attributes['rel']?.toLowerCase().split(/\s+/).includes('canonical')) found.canonical ??= href;
}

function contentOf({ content = '' }: Attributes): string {
  return content;
}

function is(value: string | undefined, word: string): boolean {
  return value?.trim().toLowerCase() === word;
}

function baseOf(pageUrl: string, baseHref: string | undefined): string {
  const base = baseHref === undefined ? null : URL.parse(baseHref.trim(), pageUrl);
  return base !== null && /^https?:$/.test(base.protocol) ? base.href : pageUrl;
}

function absoluteLinks(hrefs: readonly string[], base: string, pageUrl: string): string[] {
  const seen = new Set<string>();
  for (const href of hrefs) {
    const url = URL.parse(href.trim(), base);
    if (url !== null && /^https?:$/.test(url.protocol)) seen.add(withoutFragment(url));
  }
  seen.delete(withoutFragment(new URL(pageUrl)));
  return [...seen];
}

function withoutFragment(url: URL): string {
  url.hash = '';
  return url.href;
}

/**
 * Another origin's page is not this one, and neither is the home page: some sites name it on every page, and believing
 * that would leave one document of the whole site.
 */
function believedCanonical(href: string | undefined, base: string, pageUrl: string): string | undefined {
  const page = new URL(pageUrl);
  const target = href === undefined ? null : URL.parse(href.trim(), base);
  if (target === null || target.origin !== page.origin) return undefined;
  const isHomeOfAll = target.pathname === '/' && target.search === '' && page.pathname !== '/';
  return isHomeOfAll ? undefined : target.href;
}
