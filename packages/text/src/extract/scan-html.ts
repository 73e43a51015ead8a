import { Parser } from 'htmlparser2';

/** Metadata and links of a page, read in one pass without building a tree. */
export interface HtmlScan {
  readonly elements: number;
  /** A tree of it would exhaust the stack or the time; reading stopped there, and links are missing. */
  readonly isTooComplex: boolean;
  readonly title: string;
  readonly language: string | undefined;
  /** `<base href>` */
  readonly base: string | undefined;
  /** `<link rel=canonical>` */
  readonly canonical: string | undefined;
  /** By lower-case `name` or `property`; the first of each counts. */
  readonly meta: ReadonlyMap<string, string>;
  /** Where `<a>`, `<area>`, `<frame>` and a refresh lead, in order, as written. */
  readonly hrefs: readonly string[];
  readonly jsonLd: readonly string[];
}

/** Deeper than pages are, and shallow enough for everything that recurses over the tree later. */
const MAX_DEPTH = 400;
const MAX_ELEMENTS = 30_000;
const MAX_ATTRIBUTES = 200;
const MAX_JSON_LD_LENGTH = 100_000;

type Attributes = Readonly<Record<string, string>>;

interface MutableScan {
  elements: number;
  isTooComplex: boolean;
  title: string;
  language: string | undefined;
  base: string | undefined;
  canonical: string | undefined;
  readonly meta: Map<string, string>;
  readonly hrefs: string[];
  readonly jsonLd: string[];
}

/** Works on any input, in time and memory in proportion to its length: it stops where a tree would become too much. */
export function scanHtml(html: string): HtmlScan {
  const scan: MutableScan = {
    elements: 0,
    isTooComplex: false,
    title: '',
    language: undefined,
    base: undefined,
    canonical: undefined,
    meta: new Map(),
    hrefs: [],
    jsonLd: [],
  };
  let depth = 0;
  let collecting: 'title' | 'json-ld' | undefined;
  let text = '';

  const parser = new Parser({
    onopentag: (name, attributes) => {
      depth += 1;
      scan.elements += 1;
      const hasTooMuch = scan.elements > MAX_ELEMENTS || Object.keys(attributes).length > MAX_ATTRIBUTES;
      if (depth > MAX_DEPTH || hasTooMuch) {
        scan.isTooComplex = true;
        return parser.pause();
      }
      readElement(scan, name, attributes);
      if (name === 'title' && scan.title === '') collecting = 'title';
      if (name === 'script' && attributes['type'] === 'application/ld+json') collecting = 'json-ld';
    },
    ontext: (piece) => {
      if (collecting !== undefined && text.length < MAX_JSON_LD_LENGTH) text += piece;
    },
    onclosetag: () => {
      depth -= 1;
      if (collecting === 'title') scan.title = text.replace(/\s+/g, ' ').trim();
      if (collecting === 'json-ld') scan.jsonLd.push(text);
      collecting = undefined;
      text = '';
    },
  });
  parser.write(html);
  if (!scan.isTooComplex) parser.end();
  return scan;
}

function readElement(scan: MutableScan, name: string, attributes: Attributes): void {
  switch (name) {
    case 'a':
    case 'area':
      if (attributes['href'] !== undefined) scan.hrefs.push(attributes['href']);
      return;
    case 'base':
      scan.base ??= attributes['href'];
      return;
    case 'html':
      scan.language ??= attributes['lang'] ?? attributes['xml:lang'];
      return;
    case 'link':
      if (hasRel(attributes, 'canonical')) scan.canonical ??= attributes['href'];
      return;
    case 'frame':
      if (attributes['src'] !== undefined) scan.hrefs.push(attributes['src']);
      return;
    case 'meta':
      readMeta(scan, attributes);
  }
}

function hasRel(attributes: Attributes, rel: string): boolean {
  return (attributes['rel'] ?? '').toLowerCase().split(/\s+/).includes(rel);
}

function readMeta(scan: MutableScan, attributes: Attributes): void {
  const name = (attributes['name'] ?? attributes['property'])?.toLowerCase();
  const content = attributes['content']?.trim();
  if (!content) return;
  if (name !== undefined && !scan.meta.has(name)) scan.meta.set(name, content);
  // A page that has moved, said without HTTP.
  const target = /^\d+\s*[;,]\s*url\s*=\s*["']?([^"']+)/i.exec(content)?.[1];
  if (attributes['http-equiv']?.toLowerCase() === 'refresh' && target !== undefined) scan.hrefs.push(target);
}
