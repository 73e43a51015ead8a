import type { TextDocument } from '@xnai/contracts';
import { parseRefresh, type Refresh } from '../refresh.ts';
import { DocumentWriter } from '../writer.ts';
import { buildTree } from './build-tree.ts';
import { findMain } from './find-main.ts';
import { GENERATORS, type Generator } from './generators.ts';
import { HtmlWalker } from './html-walker.ts';
import { measure } from './measure.ts';
import { baseOf, believedCanonical, languageOf, linksOf, type PageLink, titleOf } from './page-address.ts';
import { type PageFacts, type RobotsMeta, readFacts } from './page-facts.ts';
import { pairTabs } from './tabs.ts';
import { HEADING } from './tags.ts';
import { type Element, find, hasAncestor } from './tree.ts';

export interface ReadHtmlOptions {
  /** Where the page was found, after redirects: relative links are resolved by it. */
  readonly url?: string;
  /** `code` (the default) stores letters as a reader sees them; `markdown` writes emphasis, links and images too. */
  readonly marks?: 'code' | 'markdown';
  /** Whether links keep routes of scripts (`#/guide`): true for a page that scripts have made. */
  readonly keepsRoutes?: boolean;
}

export interface HtmlPage {
  readonly document: TextDocument;
  /** Never empty when the address is known. */
  readonly title: string;
  /** `rel=canonical` as an absolute address, when it is believable. */
  readonly canonicalUrl?: string;
  readonly links: readonly PageLink[];
  /** Frames within the page, where some sites keep their content. */
  readonly frames: readonly string[];
  /** `<meta>` elements in order; those for robots are `robots` or the name of one. */
  readonly metas: readonly RobotsMeta[];
  /** Where `<meta http-equiv=refresh>` leads. */
  readonly refresh?: Refresh;
}

/**
 * Reads a page or a piece of one: its main content as blocks, and what it says of itself. Takes time and memory in
 * proportion to the length of `html`, whatever is written in it.
 */
export function readHtml(
  html: string,
  { url, marks = 'code', keepsRoutes = false }: ReadHtmlOptions = {},
): HtmlPage {
  const root = buildTree(withPlainNewlines(html));
  const facts = readFacts(root);
  const generator = generatorOf(root, facts);
  const main = mainContent(root, facts, generator);
  const base = baseOf(url, facts.base);
  const language = languageOf(facts);
  const isMarkdown = marks === 'markdown';
  const writer = new DocumentWriter({ inline: marks, rendered: isMarkdown });
  const resolve = (href: string) => URL.parse(href.trim(), base)?.href ?? href.trim();
  const walker = new HtmlWalker({ writer, generator, language, isMarkdown, resolve, tabs: pairTabs(main) });
  writeTitle(walker, { root, main, generator, titles: facts.titles });
  walker.children(main);
  walker.settle();
  if (main !== root) countOutside(writer, root, main);
  const document = writer.end();
  const title = titleOf(facts, document, url);
  const canonicalUrl = believedCanonical(facts.canonical, base, url);
  const refresh = facts.refreshes
    .map((content) => parseRefresh(content, base))
    .find((found) => found !== undefined);
  return {
    document: { ...document, ...(title !== '' && { title }), ...(language !== undefined && { language }) },
    title,
    ...(canonicalUrl !== undefined && { canonicalUrl }),
    ...linksOf(facts, base, { url, keepsRoutes }),
    metas: facts.metas,
    ...(refresh !== undefined && { refresh }),
  };
}

/** The first step of HTML parsing (https://infra.spec.whatwg.org/#normalize-newlines), which the tokenizer leaves out. */
function withPlainNewlines(source: string): string {
  return source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
}

function generatorOf(root: Element, { generators }: PageFacts): Generator | undefined {
  return GENERATORS.find(
    ({ meta, sign }) =>
      (meta !== undefined && generators.some((name) => meta.test(name))) ||
      (sign !== undefined && find(root, sign) !== undefined),
  );
}

/** Less text than this is all that a page says, even when it is navigation. */
const HARDLY_ANY = 60;

function mainContent(root: Element, facts: PageFacts, generator: Generator | undefined): Element {
  measure(root, { facts, generator, keepsNavigation: false });
  const main = findMain(root, generator);
  if (main.text >= HARDLY_ANY) return main;
  measure(root, { facts, generator, keepsNavigation: true });
  return findMain(root, generator);
}

interface TitlePlace {
  readonly root: Element;
  readonly main: Element;
  readonly generator: Generator | undefined;
  readonly titles: readonly string[];
}

/** The heading of a page that stands beside its content: by its generator, or because the title begins with it. */
function writeTitle(walker: HtmlWalker, { root, main, generator, titles }: TitlePlace): void {
  const isHeading = ({ name, loss }: Element) => name === 'h1' && loss === undefined;
  const own = find(main, isHeading);
  if (own !== undefined && generator?.title === undefined) return;
  const isTitle = (at: Element) =>
    !hasAncestor(at, (outer) => outer === main || isClutter(outer)) &&
    (generator?.title !== undefined ||
      titles.some((title) => lettersOf(title).startsWith(lettersOf(walker.plain(at)))));
  const matches = generator?.title ?? isHeading;
  const element = find(
    root,
    (at) => at !== main && at.text > 0 && at.text <= 300 && matches(at) && isTitle(at),
  );
  if (element === undefined || (own !== undefined && isSameText(walker, own, element))) return;
  // The head of a manual page has headings and sentences of its own.
  if (find(element, ({ name }) => HEADING.has(name)) !== undefined) {
    walker.children(element);
    walker.settle();
  } else walker.writer.heading(1, walker.flat(element));
  element.loss ??= '';
}

function isSameText(walker: HtmlWalker, one: Element, other: Element): boolean {
  return lettersOf(walker.plain(one)) === lettersOf(walker.plain(other));
}

function lettersOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

function isClutter({ loss }: Element): boolean {
  return loss !== undefined && loss !== 'boilerplate';
}

/** What lies outside of the main content is counted by its own rule, or as `outside-main`. */
function countOutside(writer: DocumentWriter, element: Element, main: Element): void {
  for (const child of element.children) {
    if (child === main) continue;
    if (typeof child === 'string') writer.lose('outside-main', child.trim().length);
    else if (child.loss !== undefined) writer.lose(child.loss, child.loss === '' ? 0 : child.text);
    else if (isAround(child, main)) countOutside(writer, child, main);
    else writer.lose('outside-main', child.text);
  }
}

function isAround(element: Element, main: Element): boolean {
  return hasAncestor(main, (at) => at === element);
}
