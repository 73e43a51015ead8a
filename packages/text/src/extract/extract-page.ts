import { parseDocument } from './dom.ts';
import { ExtractError } from './extract-error.ts';
import { type ContentMethod, findContent } from './find-content.ts';
import { normalizeContent } from './normalize-content.ts';
import { baseOf, collectLinks } from './page-links.ts';
import { pageTitle } from './page-title.ts';
import { readLoosely } from './read-loosely.ts';
import { type HtmlScan, scanHtml } from './scan-html.ts';
import { stripDocument } from './strip-document.ts';
import { toMarkdown } from './to-markdown.ts';
import { dropInvisible } from './visible-text.ts';

export interface ExtractedPage {
  readonly title: string;
  /** Empty when the page has no text. */
  readonly markdown: string;
  /** Media type of `markdown`: plain text files are passed on unchanged. */
  readonly format: 'text/markdown' | 'text/plain';
  /** `rel=canonical` as an absolute URL, when it is believable. */
  readonly canonicalUrl?: string;
  readonly links: readonly string[];
  readonly language?: string;
  /** `<meta name=robots>` or `X-Robots-Tag` asks not to be indexed, or that its links are not followed. */
  readonly noindex: boolean;
  readonly nofollow: boolean;
  readonly method: ContentMethod | 'plain';
}

/** Characters of HTML; larger pages take longer as a tree than they are worth. */
const MAX_TREE_LENGTH = 3_000_000;

/**
 * Main content of an HTML page as Markdown, with the page's metadata and links.
 *
 * @param url where the page was found, after redirects
 * @throws ExtractError `extract-failed`
 */
export function extractPage(source: string, url: string, xRobotsTag = ''): ExtractedPage {
  const html = withPlainNewlines(source);
  const scan = scanHtml(html);
  const base = baseOf(url, scan.base);
  const { text, method, hrefs } = contentOf(html, scan, url, base);
  const markdown = dropInvisible(text).trim();
  const canonical = believedCanonical(scan.canonical, base, url);
  const robots = `${scan.meta.get('robots') ?? ''},${xRobotsTag}`.toLowerCase();
  return {
    title: dropInvisible(pageTitle(scan, firstHeading(markdown), url)),
    markdown,
    format: 'text/markdown',
    ...(canonical !== undefined && { canonicalUrl: canonical }),
    ...collectLinks(hrefs, base, url),
    ...languageOf(scan),
    noindex: /\b(noindex|none)\b/.test(robots),
    nofollow: /\b(nofollow|none)\b/.test(robots),
    method,
  };
}

/** The first step of HTML parsing (https://infra.spec.whatwg.org/#normalize-newlines), which these parsers leave out. */
function withPlainNewlines(source: string): string {
  return source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
}

interface PageText {
  readonly text: string;
  readonly method: ContentMethod;
  readonly hrefs: readonly string[];
}

function contentOf(html: string, scan: HtmlScan, url: string, base: string): PageText {
  if (scan.isTooComplex || html.length > MAX_TREE_LENGTH) return { ...readLoosely(html), method: 'text' };
  try {
    const document = parseDocument(html);
    stripDocument(document);
    const { root, method } = findContent(document, scan, url);
    normalizeContent(document, root, { url, base });
    return { text: toMarkdown(root), method, hrefs: scan.hrefs };
  } catch (error) {
    throw new ExtractError('extract-failed', { cause: error });
  }
}

function firstHeading(markdown: string): string | undefined {
  const heading = /^# +(.+)$/m.exec(markdown)?.[1];
  return heading?.replace(/^\[(.*)\]\(#[^)]*\)$/, '$1');
}

function languageOf(scan: HtmlScan): { language?: string } {
  const language = scan.language?.trim();
  return language && /^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language) ? { language } : {};
}

/**
 * Another origin's page is not this one, and neither is the home page: some sites name it on every page,
 * and believing that would leave one document of the whole site.
 */
function believedCanonical(href: string | undefined, base: string, pageUrl: string): string | undefined {
  const page = new URL(pageUrl);
  const target = href === undefined ? null : URL.parse(href.trim(), base);
  if (target === null || target.origin !== page.origin) return undefined;
  const isHomeOfAll = target.pathname === '/' && target.search === '' && page.pathname !== '/';
  return isHomeOfAll ? undefined : target.href;
}
