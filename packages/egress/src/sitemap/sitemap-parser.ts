import sax from 'sax';

export interface SitemapItem {
  readonly kind: 'page' | 'sitemap';
  readonly url: string;
  /** When the page was last changed, as ISO 8601; absent when the sitemap does not say it or says no date. */
  readonly lastmod?: string;
  /** Of an entry of a feed. */
  readonly title?: string;
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
  const toItems = (lines: readonly string[]) =>
    lines.flatMap((location) => toItem('page', { location }, baseUrl));
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

type Field = 'location' | 'lastmod' | 'title';

/** What the other elements of an entry say. RSS 1.0 has its dates in the vocabulary of Dublin Core. */
const FIELDS: Readonly<Record<string, Field>> = {
  lastmod: 'lastmod',
  updated: 'lastmod',
  pubdate: 'lastmod',
  'dc:date': 'lastmod',
  title: 'title',
};

function createXmlParser(baseUrl: string): TextParser {
  // Lenient: sitemaps are written by hand more often than one would think.
  const parser = sax.parser(false, { lowercase: true });
  const found: SitemapItem[] = [];
  let format: (Format & { readonly prefix: string }) | undefined;
  let entry: Record<Field, string> | undefined;
  let field: Field | undefined;

  function fieldOf(name: string, { prefix, location }: Format & { readonly prefix: string }) {
    if (name === prefix + location) return 'location';
    return FIELDS[name.startsWith(prefix) ? name.slice(prefix.length) : name];
  }

  parser.onerror = () => {
    parser.resume();
  };
  parser.onopentag = ({ name, attributes }) => {
    format ??= formatOf(name);
    if (format !== undefined && name === format.prefix + format.entry)
      entry = { location: '', lastmod: '', title: '' };
    field = entry === undefined || format === undefined ? undefined : fieldOf(name, format);
    // Of several, the first counts.
    if (field === undefined || entry?.[field] !== '') field = undefined;
    else if (field === 'location' && isAlternate(attributes['rel']))
      entry.location = String(attributes['href'] ?? '');
  };
  parser.ontext = parser.oncdata = (text) => {
    if (entry !== undefined && field !== undefined)
      entry[field] = (entry[field] + text).slice(0, MAX_TEXT_LENGTH);
  };
  parser.onclosetag = (name) => {
    field = undefined;
    if (format === undefined || entry === undefined || name !== format.prefix + format.entry) return;
    found.push(...toItem(format.kind, entry, baseUrl));
    entry = undefined;
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

function toItem(
  kind: SitemapItem['kind'],
  { location, lastmod = '', title = '' }: Partial<Record<Field, string>>,
  baseUrl: string,
): SitemapItem[] {
  const text = location?.trim() ?? '';
  // Bytes that are no text would be taken for a path.
  const url = text === '' || text.includes('\ufffd') ? null : URL.parse(text, baseUrl);
  if (url === null || !/^https?:$/.test(url.protocol)) return [];
  const date = new Date(lastmod.trim());
  const isDate = lastmod !== '' && !Number.isNaN(date.getTime());
  const name = title.replace(/\s+/g, ' ').trim();
  return [
    {
      kind,
      url: url.href,
      ...(isDate && { lastmod: date.toISOString() }),
      ...(name !== '' && { title: name }),
    },
  ];
}
