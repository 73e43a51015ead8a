import { type Element, rawText } from './tree.ts';

export interface PageLink {
  /** Absolute http(s) address without fragment. */
  readonly url: string;
  /** Tokens of `rel`, in lower case: `nofollow`, `next`, … */
  readonly rel: readonly string[];
  /** The words of the link, in one line. */
  readonly text: string;
}

/** A `<meta>` for robots: `robots` or the name of one. */
export interface RobotsMeta {
  readonly name: string;
  readonly content: string;
}

/** What the head of a page and its attributes say, read in one pass over the tree. */
export interface PageFacts {
  readonly titles: readonly string[];
  readonly language: string | undefined;
  readonly base: string | undefined;
  readonly canonical: string | undefined;
  readonly generators: readonly string[];
  /** By lower-case name: each `<meta>` with a name and a content. */
  readonly metas: readonly RobotsMeta[];
  readonly hrefs: readonly Href[];
  /** Where frames with the page's content lead. */
  readonly frames: readonly string[];
  /** Contents of each `<meta http-equiv=refresh>` that a browser with scripts sees. */
  readonly refreshes: readonly string[];
  readonly jsonLd: readonly string[];
  /** Ids that a button, tab or link of the page shows or hides. */
  readonly controlled: ReadonlySet<string>;
}

/** A link as it is written. */
export interface Href extends Omit<PageLink, 'url'> {
  readonly href: string;
}

const MAX_JSON_LD = 200_000;
const MAX_LINK_TEXT = 200;

interface Collecting {
  title: string;
  language: string | undefined;
  base: string | undefined;
  canonical: string | undefined;
  readonly refreshes: string[];
  readonly metas: RobotsMeta[];
  readonly hrefs: Href[];
  readonly frames: string[];
  readonly jsonLd: string[];
  readonly controlled: Set<string>;
}

export function readFacts(root: Element): PageFacts {
  const facts: Collecting = {
    title: '',
    language: undefined,
    base: undefined,
    canonical: undefined,
    refreshes: [],
    metas: [],
    hrefs: [],
    frames: [],
    jsonLd: [],
    controlled: new Set(),
  };
  readElement(root, facts);
  const metaOf = (name: string) =>
    facts.metas.filter((meta) => meta.name === name).map(({ content }) => content);
  return {
    ...facts,
    titles: [...metaOf('og:title').slice(0, 1), ...headlines(facts.jsonLd), facts.title],
    generators: metaOf('generator'),
  };
}

function readElement(element: Element, facts: Collecting): void {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    readTag(child, facts);
    readControls(child, facts.controlled);
    if (child.name !== 'svg' && child.name !== 'noscript') readElement(child, facts);
  }
}

function readTag(element: Element, facts: Collecting): void {
  const { name, attributes } = element;
  switch (name) {
    case 'a':
    case 'area': {
      const href = attributes['href'];
      if (href !== undefined) facts.hrefs.push({ href, rel: relOf(attributes), text: lineOf(element) });
      return;
    }
    case 'html':
      facts.language ??= attributes['lang'] ?? attributes['xml:lang'];
      return;
    case 'body':
      facts.language ??= attributes['lang'];
      return;
    case 'base':
      facts.base ??= attributes['href'];
      return;
    case 'title':
      if (facts.title === '') facts.title = rawText(element).replace(/\s+/g, ' ').trim();
      return;
    case 'link':
      if (relOf(attributes).includes('canonical')) facts.canonical ??= attributes['href'];
      return;
    case 'frame':
    case 'iframe':
      if (attributes['src'] !== undefined) facts.frames.push(attributes['src']);
      return;
    case 'script':
      if (attributes['type'] === 'application/ld+json')
        facts.jsonLd.push(rawText(element).slice(0, MAX_JSON_LD));
      return;
    case 'meta':
      readMeta(attributes, facts);
  }
}

function lineOf(element: Element): string {
  return rawText(element)
    .slice(0, 5 * MAX_LINK_TEXT)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LINK_TEXT);
}

function relOf(attributes: Element['attributes']): readonly string[] {
  const rel = attributes['rel'];
  return rel === undefined ? NO_REL : rel.toLowerCase().split(/\s+/).filter(Boolean);
}

const NO_REL: readonly string[] = [];

function readMeta(attributes: Element['attributes'], facts: Collecting): void {
  const name = (attributes['name'] ?? attributes['property'])?.trim().toLowerCase();
  const content = attributes['content']?.trim();
  if (!content) return;
  if (name) facts.metas.push({ name, content });
  const header = attributes['http-equiv']?.trim().toLowerCase();
  if (header === 'refresh') facts.refreshes.push(content);
  if (header === 'content-language' && /^[\w-]+$/.test(content)) facts.language ??= content;
}

function readControls({ name, attributes }: Element, controlled: Set<string>): void {
  for (const key of CONTROLS) {
    const ids = attributes[key];
    if (ids !== undefined) for (const id of ids.split(/\s+/)) controlled.add(id.replace(/^#/, ''));
  }
  const href = attributes['href'];
  if (name === 'a' && href?.startsWith('#') && href.length > 1) controlled.add(href.slice(1));
  for (const key of HANDLERS) {
    const code = attributes[key];
    if (code !== undefined)
      for (const [, id = ''] of code.slice(0, 500).matchAll(/['"]#?([\w-]+)['"]/g)) controlled.add(id);
  }
}

const CONTROLS = ['aria-controls', 'data-target', 'data-bs-target', 'for', 'aria-owns'];
const HANDLERS = ['onclick', 'onchange', 'onmouseover'];

function headlines(blocks: readonly string[]): string[] {
  const headline = blocks
    .map(parseJson)
    .map(headlineOf)
    .find((text) => text !== undefined);
  return headline === undefined ? [] : [headline];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Broken structured data is common and says nothing about the page.
    return undefined;
  }
}

function headlineOf(value: unknown): string | undefined {
  if (Array.isArray(value))
    return value
      .slice(0, 50)
      .map(headlineOf)
      .find((text) => text !== undefined);
  if (typeof value !== 'object' || value === null) return undefined;
  if ('headline' in value && typeof value.headline === 'string') return value.headline;
  return '@graph' in value && Array.isArray(value['@graph']) ? headlineOf(value['@graph']) : undefined;
}
