import { decodeText, isGarbled } from '../decode-text.ts';
import { ExtractError } from './extract-error.ts';
import { type ExtractedPage, extractPage } from './extract-page.ts';
import { HTML_TYPES, isExtractable } from './extractable.ts';
import { nameOf } from './page-title.ts';
import { dropInvisible } from './visible-text.ts';

export interface ExtractInput {
  /** After redirects. */
  readonly url: string;
  /** Media type in lower case, without parameters: `text/html`. */
  readonly mime: string;
  /** Declared beside the media type, if it was. */
  readonly charset?: string | undefined;
  readonly body: Uint8Array;
  /** The `X-Robots-Tag` header. */
  readonly xRobotsTag?: string | undefined;
}

/**
 * Reads a response's body: HTML is reduced to its content, plain text and Markdown are passed on.
 *
 * @throws ExtractError `content-type`, `charset` or `extract-failed`
 */
export function extractBody({ url, mime, charset, body, xRobotsTag }: ExtractInput): ExtractedPage {
  if (!isExtractable(mime)) throw new ExtractError('content-type');
  const text = decodeText(body, charset);
  if (isGarbled(text)) throw new ExtractError('charset');
  if (HTML_TYPES.has(mime)) return extractPage(text, url, xRobotsTag);
  return passOn(text, url, mime === 'text/plain' ? 'text/plain' : 'text/markdown', xRobotsTag);
}

function passOn(text: string, url: string, format: ExtractedPage['format'], xRobotsTag = ''): ExtractedPage {
  const markdown = dropInvisible(text).trim();
  return {
    title: titleOf(markdown) ?? nameOf(url),
    markdown,
    format,
    links: [],
    noindex: /\b(noindex|none)\b/i.test(xRobotsTag),
    nofollow: /\b(nofollow|none)\b/i.test(xRobotsTag),
    method: 'plain',
  };
}

/** A first line that is marked or underlined as a heading, in whatever plain-text markup. */
function titleOf(text: string): string | undefined {
  const [first = '', second = ''] = text.slice(0, 1000).split(/\r?\n/, 2);
  const isUnderlined = /^([=~*#-])\1{2,}\s*$/.test(second);
  const title = isUnderlined ? first : (/^(?:#|=) +(.+)$/.exec(first)?.[1] ?? '');
  return title.trim().slice(0, 300) || undefined;
}
