import { FetchError } from '../fetch-error.ts';
import { isAddress, isPublicAddress } from './public-address.ts';

/** Longer URLs are traps or attacks; browsers and servers agree on about this much. */
export const MAX_URL_LENGTH = 2000;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters.
const UNSAFE = /[\u0000-\u0020\u007f\\]/;
const AUTHORITY_WITH_USER = /^[a-z]+:\/*[^/?#]*@/i;

/**
 * Parses a URL once, so that the checked URL is the one that is connected to.
 * Host names pass; their addresses are checked when the connection is made.
 *
 * @throws FetchError `url-invalid` (not http(s), credentials, backslash, white space or control characters, over
 * 2,000 characters) or `not-public` (an address or port that only an allowed origin may have)
 */
export function parseTargetUrl(text: string, allowedOrigins: ReadonlySet<string>): URL {
  if (text.length > MAX_URL_LENGTH || UNSAFE.test(text) || AUTHORITY_WITH_USER.test(text)) {
    throw new FetchError('url-invalid');
  }
  const url = URL.parse(text);
  if (url === null || !isHttp(url) || url.hostname === '') throw new FetchError('url-invalid');
  if (url.href.length > MAX_URL_LENGTH) throw new FetchError('url-invalid');
  if (!allowedOrigins.has(url.origin)) assertPublic(url);
  return url;
}

/** Where a redirect leads. Unescaped spaces and UTF-8 bytes are common in `Location` and are escaped. */
export function parseRedirect(location: string, base: URL, allowedOrigins: ReadonlySet<string>): URL {
  // HTTP headers arrive as Latin-1; servers that send raw paths send UTF-8.
  const text = Buffer.from(location, 'latin1').toString('utf8').trim().replaceAll(' ', '%20');
  if (UNSAFE.test(text)) throw new FetchError('url-invalid');
  const url = URL.parse(text, base.href);
  if (url === null || AUTHORITY_WITH_USER.test(text)) throw new FetchError('url-invalid');
  url.hash = '';
  return parseTargetUrl(url.href, allowedOrigins);
}

/** The origins of `CRAWL_ALLOWED_ORIGINS`: scheme, host and port, exactly. */
export function toOriginSet(origins: readonly string[]): ReadonlySet<string> {
  return new Set(origins.map(toOrigin));
}

/**
 * The allowed origins that a request may reach which is made on behalf of the page `from`: all for the owner and for pages
 * of such origins, none for other pages.
 */
export function originsFor(
  allowedOrigins: ReadonlySet<string>,
  from: string | undefined,
): ReadonlySet<string> {
  const isTrusted = from === undefined || allowedOrigins.has(URL.parse(from)?.origin ?? '');
  return isTrusted ? allowedOrigins : NONE;
}

const NONE: ReadonlySet<string> = new Set();

function toOrigin(text: string): string {
  const url = URL.parse(text);
  if (url === null || !isHttp(url)) throw new TypeError(`not an http(s) origin: ${text}`);
  return url.origin;
}

function isHttp(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function assertPublic(url: URL): void {
  const hasUsualPort = url.port === '' || url.port === '80' || url.port === '443';
  if (!hasUsualPort) throw new FetchError('not-public');
  if (isAddress(url.hostname) && !isPublicAddress(url.hostname)) throw new FetchError('not-public');
}
