import { Parser } from 'htmlparser2';

/** What a page says about itself and where it leads, read in one pass without building a tree. */
export interface HtmlScan {
  readonly elements: number;
  readonly maxDepth: number;
  readonly title: string;
  readonly language: string | undefined;
  /** `<base href>` */
  readonly base: string | undefined;
  /** `<link rel=canonical>` */
  readonly canonical: string | undefined;
  /** By lower-case `name` or `property`; the first of each counts. */
  readonly meta: ReadonlyMap<string, string>;
  /** `href` of `<a>` and `<area>` in order, as written. */
  readonly hrefs: readonly string[];
  readonly jsonLd: readonly string[];
}

/** More than any page means; they are counted beyond, not kept. */
const MAX_HREFS = 100_000;
const MAX_JSON_LD_LENGTH = 100_000;

type Attributes = Readonly<Record<string, string>>;

interface MutableScan {
  elements: number;
  maxDepth: number;
  title: string;
  language: string | undefined;
  base: string | undefined;
  canonical: string | undefined;
  readonly meta: Map<string, string>;
  readonly hrefs: string[];
  readonly jsonLd: string[];
}

/** Works on any input, in time and memory proportional to its length. */
export function scanHtml(html: string): HtmlScan {
  const scan: MutableScan = {
    elements: 0,
    maxDepth: 0,
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
      scan.maxDepth = Math.max(scan.maxDepth, depth);
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
  parser.end(html);
  return scan;
}

function readElement(scan: MutableScan, name: string, attributes: Attributes): void {
  switch (name) {
    case 'a':
    case 'area':
      if (attributes['href'] !== undefined && scan.hrefs.length < MAX_HREFS)
        scan.hrefs.push(attributes['href']);
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
    case 'meta':
      readMeta(scan.meta, attributes);
  }
}

function hasRel(attributes: Attributes, rel: string): boolean {
  return (attributes['rel'] ?? '').toLowerCase().split(/\s+/).includes(rel);
}

function readMeta(meta: Map<string, string>, attributes: Attributes): void {
  const name = (attributes['name'] ?? attributes['property'])?.toLowerCase();
  const content = attributes['content']?.trim();
  if (name !== undefined && content && !meta.has(name)) meta.set(name, content);
}
