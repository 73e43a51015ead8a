import { type Dispatcher, errors } from 'undici';
import { originsFor, parseRedirect, parseTargetUrl } from '../address/target-url.ts';
import { FetchError } from '../fetch-error.ts';
import { ACCEPTED_ENCODINGS } from './content-decoders.ts';
import type { FetchContext, FetchOptions, WayOut } from './fetch-options.ts';
import { RedirectCookies } from './redirect-cookies.ts';
import { requestLeniently } from './request-leniently.ts';

export interface FollowedResponse {
  readonly response: Dispatcher.ResponseData;
  readonly target: URL;
  readonly redirects: readonly string[];
}

const REDIRECT_STATUS = new Set([301, 302, 303, 307, 308]);
/** Of a redirect's own body: enough to keep the connection, not worth more. */
const MAX_DUMP_BYTES = 16 * 1024;

/**
 * Follows redirects by hand, so that every hop is parsed, checked and connected to like the first.
 * Coming back to a URL already seen, with the same cookies, is a loop: nothing about the request changed, so nothing will.
 */
export async function followRedirects(
  context: FetchContext,
  url: string,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<FollowedResponse> {
  let origins = originsFor(context.allowedOrigins, options.from);
  const first = parseTargetUrl(url, origins);
  first.hash = '';
  const seen: string[] = [];
  const requests = new Set<string>();
  const cookies = new RedirectCookies();
  let target = first;
  for (;;) {
    const cookie = cookies.headerFor(target);
    requests.add(`${target.href} ${cookie}`);
    const headers = withCookie(target.origin === first.origin ? options.headers : undefined, cookie);
    const way = context.ways[origins.has(target.origin) ? 'allowed' : 'public'];
    const response = await request({ ...context, ...way }, target, { ...options, headers }, signal);
    const location = response.headers['location'];
    const isRedirect = REDIRECT_STATUS.has(response.statusCode) && options.isRedirectTaken !== true;
    if (!isRedirect || typeof location !== 'string') {
      return { response, target, redirects: seen };
    }
    await response.body.dump({ limit: MAX_DUMP_BYTES, signal });
    seen.push(target.href);
    cookies.store(target, response.headers['set-cookie']);
    // It is the server that answered which asks for the next.
    origins = originsFor(context.allowedOrigins, target.href);
    target = parseRedirect(location, target, origins);
    // The address of a name is checked later than `checkRedirect`, which may ask that very origin for robots.txt.
    if (context.allowedOrigins.has(target.origin) && !origins.has(target.origin)) {
      throw new FetchError('not-public', { url: target.href });
    }
    const isLoop = requests.has(`${target.href} ${cookies.headerFor(target)}`);
    if (isLoop || seen.length > context.limits.maxRedirects) {
      throw new FetchError('too-many-redirects', { url: target.href, status: response.statusCode });
    }
    await checkRedirect(options, target);
  }
}

function withCookie(headers: FetchOptions['headers'], cookie: string): FetchOptions['headers'] {
  if (cookie === '') return headers;
  const own = headers?.['cookie'];
  return { ...headers, cookie: own === undefined ? cookie : `${own}; ${cookie}` };
}

/** Carries an error of the caller's own check past the translation of errors into `FetchError`. */
export class RedirectRefused extends Error {}

async function checkRedirect(options: FetchOptions, target: URL): Promise<void> {
  try {
    await options.checkRedirect?.(target);
  } catch (cause) {
    throw new RedirectRefused('the redirect was refused', { cause });
  }
}

async function request(
  context: FetchContext & WayOut,
  target: URL,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const headers = {
    ...options.headers,
    'user-agent': context.userAgent,
    accept: options.accept ?? 'text/html,application/xhtml+xml,text/markdown,text/plain;q=0.9,*/*;q=0.5',
    'accept-encoding': ACCEPTED_ENCODINGS,
  };
  const { origin, pathname, search } = target;
  const response = await context.agent
    .request({ origin, path: `${pathname}${search}`, method: 'GET', signal, headers })
    .catch((error: unknown) => {
      if (!isUnreadHead(error)) throw error;
      return requestLeniently(target, { ...context, headers, signal });
    });
  if (countHeaders(response.headers) > context.limits.maxHeaders) {
    response.body.on('error', () => {}).destroy();
    throw new FetchError('too-large', { url: target.href, status: response.statusCode });
  }
  return response;
}

/**
 * Whether undici did not understand the head of a response. Where that ends in a bare LF, undici takes the body for
 * headers, and only finds that the stated length is missing.
 */
function isUnreadHead(error: unknown): boolean {
  return (
    error instanceof errors.HTTPParserError || error instanceof errors.ResponseContentLengthMismatchError
  );
}

function countHeaders(headers: Record<string, string | string[] | undefined>): number {
  return Object.values(headers).reduce(
    (count, value) => count + (Array.isArray(value) ? value.length : 1),
    0,
  );
}
