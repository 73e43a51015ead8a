import { StringDecoder } from 'node:string_decoder';
import sax from 'sax';

export interface SitemapEntry {
  readonly url: string;
  /** ISO 8601 */
  readonly lastModified?: string;
}

export type SitemapItem =
  | { readonly kind: 'page'; readonly entry: SitemapEntry }
  | { readonly kind: 'sitemap'; readonly url: string };

export interface SitemapParser {
  write(chunk: Buffer): Iterable<SitemapItem>;
  end(): Iterable<SitemapItem>;
}

/** Longer URLs are never fetched, so that longer text is cut while it is read. */
const MAX_TEXT_LENGTH = 4096;

/** Parses a sitemap in pieces: XML when it begins with `<`, else one URL a line. Broken XML yields the entries before the fault. */
export function createSitemapParser(baseUrl: string): SitemapParser {
  const decoder = new StringDecoder('utf8');
  let parser: TextParser | undefined;
  let start = '';

  function feed(text: string): SitemapItem[] {
    if (parser !== undefined) return parser.write(text);
    start = (start + text).replace(/^\ufeff/, '').trimStart();
    if (start === '') return [];
    parser = start.startsWith('<') ? createXmlParser(baseUrl) : createLineParser(baseUrl);
    return parser.write(start);
  }

  return {
    write: (chunk) => feed(decoder.write(chunk)),
    end: () => [...feed(decoder.end()), ...(parser?.end() ?? [])],
  };
}

interface TextParser {
  write(text: string): SitemapItem[];
  end(): SitemapItem[];
}

function createLineParser(baseUrl: string): TextParser {
  let rest = '';
  const toItems = (lines: readonly string[]) => lines.flatMap((line) => toPage(line, undefined, baseUrl));
  return {
    write: (text) => {
      const lines = (rest + text).split(/\r\n|\r|\n/);
      rest = (lines.pop() ?? '').slice(0, MAX_TEXT_LENGTH);
      return toItems(lines);
    },
    end: () => toItems([rest]),
  };
}

function createXmlParser(baseUrl: string): TextParser {
  // Lenient: sitemaps are written by hand more often than one would think.
  const parser = sax.parser(false, { lowercase: true, trim: true });
  const found: SitemapItem[] = [];
  let root: { readonly prefix: string; readonly isIndex: boolean } | undefined;
  let field: 'loc' | 'lastmod' | undefined;
  let current: { loc?: string; lastmod?: string } = {};

  parser.onerror = () => {
    parser.resume();
  };
  parser.onopentag = ({ name }) => {
    root ??= rootOf(name);
    field = fieldOf(name, root?.prefix);
  };
  parser.ontext = parser.oncdata = (text) => {
    if (field !== undefined) current[field] = ((current[field] ?? '') + text).slice(0, MAX_TEXT_LENGTH);
  };
  parser.onclosetag = (name) => {
    field = undefined;
    if (root === undefined) return;
    if (name !== `${root.prefix}url` && name !== `${root.prefix}sitemap`) return;
    const { loc = '', lastmod } = current;
    current = {};
    found.push(...(root.isIndex ? toSitemap(loc, baseUrl) : toPage(loc, lastmod, baseUrl)));
  };

  return {
    write: (text) => {
      parser.write(text);
      return found.splice(0);
    },
    end: () => {
      parser.close();
      return found.splice(0);
    },
  };
}

/** A document may give the namespace a prefix, and then `image:loc` is still not a `loc`. */
function rootOf(name: string): { prefix: string; isIndex: boolean } | undefined {
  const match = /^((?:[^:]+:)?)(urlset|sitemapindex)$/.exec(name);
  return match === null ? undefined : { prefix: match[1] ?? '', isIndex: match[2] === 'sitemapindex' };
}

function fieldOf(name: string, prefix: string | undefined): 'loc' | 'lastmod' | undefined {
  if (prefix === undefined || !name.startsWith(prefix)) return undefined;
  const local = name.slice(prefix.length);
  return local === 'loc' || local === 'lastmod' ? local : undefined;
}

function toPage(loc: string, lastmod: string | undefined, baseUrl: string): SitemapItem[] {
  const url = toUrl(loc, baseUrl);
  if (url === undefined) return [];
  const time = Date.parse(lastmod?.trim() ?? '');
  const entry = Number.isNaN(time) ? { url } : { url, lastModified: new Date(time).toISOString() };
  return [{ kind: 'page', entry }];
}

function toSitemap(loc: string, baseUrl: string): SitemapItem[] {
  const url = toUrl(loc, baseUrl);
  return url === undefined ? [] : [{ kind: 'sitemap', url }];
}

function toUrl(loc: string, baseUrl: string): string | undefined {
  const text = loc.trim();
  const url = text === '' ? null : URL.parse(text, baseUrl);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : undefined;
}
