import sax from 'sax';

export interface SitemapItem {
  readonly kind: 'page' | 'sitemap';
  readonly url: string;
}

/** Longer URLs are never fetched, so that longer text is cut while it is read. */
const MAX_TEXT_LENGTH = 4096;

/**
 * Parses a sitemap or a feed (RSS, Atom) in pieces: XML when it begins with `<`, else one URL a line. Broken XML yields
 * the entries before the fault.
 */
export function createSitemapParser(baseUrl: string) {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let parser: TextParser | undefined;
  let bytes: Buffer = Buffer.alloc(0);
  let start = '';

  function feed(text: string): SitemapItem[] {
    if (parser !== undefined) return parser.write(text);
    start = (start + text).trimStart();
    if (start === '') return [];
    parser = start.startsWith('<') ? createXmlParser(baseUrl) : createLineParser(baseUrl);
    return parser.write(start);
  }

  function decode(): string {
    decoder ??= new TextDecoder(encodingOf(bytes));
    const text = decoder.decode(bytes, { stream: true });
    bytes = Buffer.alloc(0);
    return text;
  }

  return {
    write: (chunk: Buffer): SitemapItem[] => {
      bytes = Buffer.concat([bytes, chunk]);
      return decoder === undefined && bytes.length < 4 ? [] : feed(decode());
    },
    end: (): SitemapItem[] => [...feed(decode() + (decoder?.decode() ?? '')), ...(parser?.end() ?? [])],
  };
}

/** By the byte order mark, or by the zeros beside the first `<` (XML 1.0 appendix F); all others are read as UTF-8. */
function encodingOf(start: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const mark = start.toString('hex', 0, 4);
  if (/^(fffe|3c00)/.test(mark)) return 'utf-16le';
  return /^(feff|003c)/.test(mark) ? 'utf-16be' : 'utf-8';
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

/** Names of the elements of a format, without the prefix that the document gives them. */
interface Format {
  readonly entry: string;
  readonly location: string;
  readonly kind: SitemapItem['kind'];
}

const FORMATS: Readonly<Record<string, Format>> = {
  urlset: { entry: 'url', location: 'loc', kind: 'page' },
  sitemapindex: { entry: 'sitemap', location: 'loc', kind: 'sitemap' },
  rss: { entry: 'item', location: 'link', kind: 'page' },
  rdf: { entry: 'item', location: 'link', kind: 'page' },
  feed: { entry: 'entry', location: 'link', kind: 'page' },
};

function createXmlParser(baseUrl: string): TextParser {
  // Lenient: sitemaps are written by hand more often than one would think.
  const parser = sax.parser(false, { lowercase: true, trim: true });
  const found: SitemapItem[] = [];
  let format: (Format & { readonly prefix: string }) | undefined;
  let isInEntry = false;
  let isLocation = false;
  let location = '';

  parser.onerror = () => {
    parser.resume();
  };
  parser.onopentag = ({ name, attributes }) => {
    format ??= formatOf(name);
    if (format === undefined) return;
    if (name === format.prefix + format.entry) isInEntry = true;
    isLocation = isInEntry && name === format.prefix + format.location;
    if (isLocation && location === '' && isAlternate(attributes['rel']))
      location = String(attributes['href'] ?? '');
  };
  parser.ontext = parser.oncdata = (text) => {
    if (isLocation) location = (location + text).slice(0, MAX_TEXT_LENGTH);
  };
  parser.onclosetag = (name) => {
    isLocation = false;
    if (format === undefined || name !== format.prefix + format.entry) return;
    found.push(...toItem(format.kind, location, baseUrl));
    location = '';
    isInEntry = false;
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

/** RFC 4287 section 4.2.7.2: a link without `rel` leads to the page itself; others lead to replies, sounds and so on. */
function isAlternate(rel: unknown): boolean {
  return rel === undefined || rel === 'alternate';
}

/** A document may give the namespace a prefix, and then `image:loc` is still not a `loc`. */
function formatOf(name: string): (Format & { prefix: string }) | undefined {
  const match = /^((?:[^:]+:)?)(urlset|sitemapindex|rss|rdf|feed)$/.exec(name);
  const format = FORMATS[match?.[2] ?? ''];
  // In RSS 1.0 only the root has the prefix.
  return format && { ...format, prefix: match?.[2] === 'rdf' ? '' : (match?.[1] ?? '') };
}

function toItem(kind: SitemapItem['kind'], location: string, baseUrl: string): SitemapItem[] {
  const text = location.trim();
  // Bytes that are no text would be taken for a path.
  const url = text === '' || text.includes('\ufffd') ? null : URL.parse(text, baseUrl);
  return url !== null && /^https?:$/.test(url.protocol) ? [{ kind, url: url.href }] : [];
}
