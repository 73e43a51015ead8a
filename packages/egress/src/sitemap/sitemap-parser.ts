import { StringDecoder } from 'node:string_decoder';
import sax from 'sax';

export interface SitemapItem {
  readonly kind: 'page' | 'sitemap';
  readonly url: string;
}

/** Longer URLs are never fetched, so that longer text is cut while it is read. */
const MAX_TEXT_LENGTH = 4096;

/** Parses a sitemap in pieces: XML when it begins with `<`, else one URL a line. Broken XML yields the entries before the fault. */
export function createSitemapParser(baseUrl: string) {
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
    write: (chunk: Buffer): SitemapItem[] => feed(decoder.write(chunk)),
    end: (): SitemapItem[] => [...feed(decoder.end()), ...(parser?.end() ?? [])],
  };
}

interface TextParser {
  write(text: string): SitemapItem[];
  end(): SitemapItem[];
}

function createLineParser(baseUrl: string): TextParser {
  let rest = '';
  const toItems = (lines: readonly string[]) => lines.flatMap((line) => toItem('page', line, baseUrl));
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
  let isLocation = false;
  let location = '';

  parser.onerror = () => {
    parser.resume();
  };
  parser.onopentag = ({ name }) => {
    root ??= rootOf(name);
    isLocation = name === `${root?.prefix}loc`;
  };
  parser.ontext = parser.oncdata = (text) => {
    if (isLocation) location = (location + text).slice(0, MAX_TEXT_LENGTH);
  };
  parser.onclosetag = (name) => {
    isLocation = false;
    if (root === undefined) return;
    if (name !== `${root.prefix}url` && name !== `${root.prefix}sitemap`) return;
    found.push(...toItem(root.isIndex ? 'sitemap' : 'page', location, baseUrl));
    location = '';
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

function toItem(kind: SitemapItem['kind'], location: string, baseUrl: string): SitemapItem[] {
  const text = location.trim();
  const url = text === '' ? null : URL.parse(text, baseUrl);
  return url !== null && /^https?:$/.test(url.protocol) ? [{ kind, url: url.href }] : [];
}
