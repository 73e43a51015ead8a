import type { TextDocument } from '@xnai/contracts';
import { decodeText, isGarbled } from '@xnai/text';
import { readFeed } from '@xnai/text/feed';
import { type HtmlPage, type ReadHtmlOptions, readHtml } from '@xnai/text/html';
import { readMarkdown } from '@xnai/text/markdown';
import { linksOfMarkdown } from '@xnai/text/markdown-links';
import { readPlainText } from '@xnai/text/plain-text';
import { readSource } from '@xnai/text/source';
import { isHtml } from '../is-html.ts';
import { PageError } from '../page-error.ts';
import { hasPasswordField, recogniseStandIn, type StandIn } from './recognise-stand-in.ts';
import { ROBOTS_NAME, type RobotsDirectives, readDirectives } from './robots-directives.ts';

export interface PageInput {
  /** After redirects. */
  readonly url: string;
  /** As `pageTypeOf` has it. */
  readonly mime: string;
  /** As the response declares it. */
  readonly charset?: string | undefined;
  /** Of source code, as `pageTypeOf` has it. */
  readonly language?: string | undefined;
  readonly body: Uint8Array;
  /** Whether another address led here. */
  readonly isRedirected?: boolean | undefined;
  /** Whether the body is what scripts have made of the page. */
  readonly isRendered?: boolean | undefined;
  /** The `X-Robots-Tag` headers. */
  readonly robotsHeaders?: string | readonly string[] | undefined;
}

export interface ReadPage extends RobotsDirectives {
  readonly document: TextDocument;
  /** Of a page without one, the last part of its path. */
  readonly title: string;
  /** Where links, frames and entries of a feed lead, except those with `rel=nofollow`: absolute http(s) URLs without fragment. */
  readonly links: readonly string[];
  /** The URL that the page declares as its own, when that is believable. */
  readonly canonicalUrl?: string | undefined;
  /** What the page is instead of the one that was asked for. */
  readonly standIn?: StandIn | undefined;
}

const ROBOTS_NAMES: ReadonlySet<string> = new Set(['robots', ROBOTS_NAME]);

/**
 * Reads the body of a response: decodes it and finds its text, its blocks and its links.
 *
 * @throws {PageError} `content-type` when the type is not read, `charset` when more than 1 % of it could not be decoded
 */
export function readPage(
  input: PageInput,
  { marks = 'code' }: Pick<ReadHtmlOptions, 'marks'> = {},
): ReadPage {
  const { url, mime, charset, body, isRedirected = false, isRendered = false, robotsHeaders } = input;
  const text = decodeText(body, charset);
  if (isGarbled(text)) throw new PageError('charset', { url });
  if (!isHtml(mime)) {
    const { document, links = [], title } = readPlain(text, input);
    return { document, title: title || nameOf(url), links, ...readDirectives(robotsHeaders, []) };
  }
  const { document, title, links, frames, canonicalUrl, metas } = readHtml(text, {
    url,
    marks,
    keepsRoutes: isRendered,
  });
  const isPassword = hasPasswordField(text);
  return {
    document,
    title,
    standIn: recogniseStandIn({ url, isRedirected, title, document, hasPasswordField: isPassword }),
    links: [...links.filter(isFollowed).map((link) => link.url), ...frames],
    canonicalUrl,
    ...directivesOf(metas, robotsHeaders),
  };
}

/** What a page of HTML and its response ask of crawlers. */
export function directivesOf(
  metas: HtmlPage['metas'],
  robotsHeaders: PageInput['robotsHeaders'],
): RobotsDirectives {
  const robots = metas.filter(({ name }) => ROBOTS_NAMES.has(name)).map(({ content }) => content);
  return readDirectives(robotsHeaders, robots);
}

interface PlainPage extends Pick<ReadPage, 'document'>, Partial<Pick<ReadPage, 'links'>> {
  readonly title?: string | undefined;
}

/** @throws {PageError} `content-type` when it is neither Markdown, plain text, source code nor a feed */
function readPlain(text: string, { url, mime, body, language }: PageInput): PlainPage {
  if (mime === 'text/markdown') {
    const document = readMarkdown(text);
    return { document, title: document.title, links: linksOfMarkdown(document, url) };
  }
  if (language !== undefined) return { document: readSource(text, language) };
  if (mime === 'text/plain') return { document: readPlainText(text) };
  const feed = mime.endsWith('xml') ? readFeed(body, url) : undefined;
  if (feed === undefined) throw new PageError('content-type', { url });
  return feed;
}

/** The site asks not to follow a link with `rel=nofollow`, behind which calendars and traps often lie. */
function isFollowed({ rel }: HtmlPage['links'][number]): boolean {
  return !rel.includes('nofollow');
}

/** The last part of the path, or the host. */
export function nameOf(pageUrl: string): string {
  const { pathname, hostname } = new URL(pageUrl);
  const name = pathname.split('/').findLast((segment) => segment !== '') ?? hostname;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
