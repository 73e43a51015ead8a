import type { TextDocument } from '@xnai/contracts';
import { decodeText, isGarbled } from '@xnai/text';
import { type HtmlPage, type ReadHtmlOptions, readHtml } from '@xnai/text/html';
import { readMarkdown } from '@xnai/text/markdown';
import { readPlainText } from '@xnai/text/plain-text';
import { isHtml } from '../is-html.ts';
import { PageError } from '../page-error.ts';
import { ROBOTS_NAME, type RobotsDirectives, readDirectives } from './robots-directives.ts';

export interface PageInput {
  /** After redirects. */
  readonly url: string;
  /** Media type in lower case, without parameters. A response without one is read as HTML. */
  readonly mime: string;
  /** As the response declares it. */
  readonly charset?: string | undefined;
  readonly body: Uint8Array;
  /** The `X-Robots-Tag` headers. */
  readonly robotsHeaders?: string | readonly string[] | undefined;
}

export interface ReadPage extends RobotsDirectives {
  readonly document: TextDocument;
  /** Of a page without one, the last part of its path. */
  readonly title: string;
  /** Where links and frames lead, except those with `rel=nofollow`: absolute http(s) URLs without fragment. */
  readonly links: readonly string[];
  /** The URL that the page declares as its own, when that is believable. */
  readonly canonicalUrl?: string | undefined;
}

const ROBOTS_NAMES: ReadonlySet<string> = new Set(['robots', ROBOTS_NAME]);
const MARKDOWN_TYPES: ReadonlySet<string> = new Set(['text/markdown', 'text/x-markdown']);

export function isReadable(mime: string): boolean {
  return isHtml(mime) || MARKDOWN_TYPES.has(mime) || mime === 'text/plain';
}

/**
 * Reads the body of a response: decodes it and finds its text, its blocks and its links.
 *
 * @throws {PageError} `content-type` when the type is not read, `charset` when more than 1 % of it could not be decoded
 */
export function readPage(
  { url, mime, charset, body, robotsHeaders }: PageInput,
  { marks = 'code' }: Pick<ReadHtmlOptions, 'marks'> = {},
): ReadPage {
  if (!isReadable(mime)) throw new PageError('content-type', { url });
  const text = decodeText(body, charset);
  if (isGarbled(text)) throw new PageError('charset', { url });
  if (!isHtml(mime)) {
    const document = mime === 'text/plain' ? readPlainText(text) : readMarkdown(text);
    const { title = nameOf(url) } = document;
    return { document, title, links: [], ...readDirectives(robotsHeaders, []) };
  }
  const { document, title, links, frames, canonicalUrl, metas } = readHtml(text, { url, marks });
  const robots = metas.filter(({ name }) => ROBOTS_NAMES.has(name)).map(({ content }) => content);
  return {
    document,
    title,
    links: [...links.filter(isFollowed).map((link) => link.url), ...frames],
    canonicalUrl,
    ...readDirectives(robotsHeaders, robots),
  };
}

/** The site asks not to follow a link with `rel=nofollow`, behind which calendars and traps often lie. */
function isFollowed({ rel }: HtmlPage['links'][number]): boolean {
  return !rel.includes('nofollow');
}

function nameOf(pageUrl: string): string {
  const { pathname, hostname } = new URL(pageUrl);
  const name = pathname.split('/').findLast((segment) => segment !== '') ?? hostname;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
