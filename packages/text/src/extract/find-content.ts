import { Readability } from '@mozilla/readability';
import { DefuddleClass } from 'defuddle/node';
import { GENERATORS } from './content-selectors.ts';
import { type DomDocument, type DomElement, parseDocument, textLength } from './dom.ts';
import type { HtmlScan } from './scan-html.ts';

export type ContentMethod = 'selector' | 'defuddle' | 'readability' | 'text';

export interface FoundContent {
  readonly root: DomElement;
  readonly method: ContentMethod;
}

/** Characters of text; on shorter pages heuristics lose more content than clutter. */
const MIN_TEXT_TO_CHOOSE = 500;
/** Content shorter than this is no content when the page has more. */
const MIN_TEXT = 200;
/** Heuristics take seconds on pages larger than this; their authors mark the content anyway. */
const MAX_HEURISTIC_ELEMENTS = 4_000;

/**
 * Finds a page's main content: by the selector of a generator that is known, by the author's own `<main>` or `<article>`, by
 * Defuddle with Readability as second opinion when much is missing, else the whole body. The document's scripts and
 * styles must be gone already; it may be changed.
 */
export function findContent(document: DomDocument, scan: HtmlScan, pageUrl: string): FoundContent {
  const known = findByGenerator(document, scan) ?? findMain(document);
  if (known !== undefined) return { root: known, method: 'selector' };
  const body: FoundContent = { root: document.body, method: 'text' };
  const available = textLength(document.body);
  if (scan.elements > MAX_HEURISTIC_ELEMENTS || available < MIN_TEXT_TO_CHOOSE) return body;
  const first = askDefuddle(document, pageUrl);
  if (first !== undefined && textLength(first.root) >= available / 2) return first;
  const best = longer(first, askReadability(document));
  const isThin =
    best === undefined || (textLength(best.root) < MIN_TEXT && available > 2 * textLength(best.root));
  return isThin ? body : best;
}

function findByGenerator(document: DomDocument, scan: HtmlScan): DomElement | undefined {
  const generator = scan.meta.get('generator') ?? '';
  const rule = GENERATORS.find(
    ({ generator: pattern, sign }) =>
      (pattern !== undefined && generator !== '' && pattern.test(generator)) ||
      (sign !== undefined && document.querySelector(sign) !== null),
  );
  if (rule === undefined) return undefined;
  const root = firstMatch(document, rule.content);
  if (root === undefined) return undefined;
  if (rule.drop !== undefined) removeAll(root, rule.drop);
  return textLength(root) > 0 ? root : undefined;
}

function firstMatch(document: DomDocument, selectors: readonly string[]): DomElement | undefined {
  for (const selector of selectors) {
    const element = selector === 'body' ? document.body : document.querySelector(selector);
    if (element !== null) return element;
  }
  return undefined;
}

function removeAll(root: DomElement, selector: string): void {
  for (const element of [...root.querySelectorAll(selector)]) element.remove();
}

/** Said by the author to be the content; believed when it is most of the page's text and not a list of links. */
function findMain(document: DomDocument): DomElement | undefined {
  const main = onlyOne(document.querySelectorAll('main, [role="main"]'));
  const article = onlyOne((main ?? document).querySelectorAll('article'));
  const isArticleMost = article !== undefined && textLength(article) > 0.7 * textLength(main ?? article);
  const root = isArticleMost ? article : main;
  if (root === undefined) return undefined;
  const length = textLength(root);
  const isBelieved =
    length >= MIN_TEXT && length >= 0.4 * textLength(document.body) && linkDensity(root) < 0.4;
  return isBelieved ? root : undefined;
}

function onlyOne(elements: ArrayLike<DomElement>): DomElement | undefined {
  return elements.length === 1 ? elements[0] : undefined;
}

/** Share of an element's text that is links. */
export function linkDensity(element: DomElement): number {
  const length = textLength(element);
  if (length === 0) return 0;
  let linked = 0;
  for (const link of element.getElementsByTagName('a')) linked += textLength(link);
  return linked / length;
}

function askDefuddle(document: DomDocument, pageUrl: string): FoundContent | undefined {
  const options = {
    url: pageUrl,
    // Its extractors for some sites would fetch from third parties.
    useAsync: false,
    // Markdown comes later, from the page's own elements.
    standardize: false,
    // Done already, for all methods alike.
    removeHiddenElements: false,
    // Half of its time, to guess from words what `normalizeContent` knows from names.
    removeContentPatterns: false,
  };
  const { content } = new DefuddleClass(withStyleStubs(document) as never, options).parse();
  return toContent(content, 'defuddle');
}

/** Parts of the DOM that Defuddle needs and linkedom lacks. */
function withStyleStubs(document: DomDocument): DomDocument {
  const view = (document as { defaultView?: { getComputedStyle?: unknown } }).defaultView;
  if (view !== undefined && view.getComputedStyle === undefined) {
    view.getComputedStyle = () => ({ display: '' });
  }
  return Object.assign(document, { styleSheets: [] });
}

function askReadability(document: DomDocument): FoundContent | undefined {
  const copy = (document as { cloneNode?: (deep: boolean) => unknown }).cloneNode?.(true);
  const article = new Readability(copy as never, { keepClasses: true }).parse();
  return toContent(article?.content ?? '', 'readability');
}

function toContent(html: string, method: ContentMethod): FoundContent | undefined {
  const { body } = parseDocument(html);
  return textLength(body) > 0 ? { root: body, method } : undefined;
}

function longer(first: FoundContent | undefined, second: FoundContent | undefined): FoundContent | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  const isMore = textLength(second.root) > 1.2 * textLength(first.root);
  return isMore && linkDensity(second.root) < 0.4 ? second : first;
}
