import type { BaseHttpClient, HttpRequest, HttpResponse, ResponseTypes } from '@crawlee/cheerio';
import type { Fetcher, FetchResponse, RedirectCheck } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import { decodeText } from '@xnai/text';

export interface CrawleeHttpClientDeps {
  readonly fetcher: Pick<Fetcher, 'fetch'>;
  /** Ends every fetch of the crawl. */
  readonly signal?: AbortSignal;
  readonly isTypeAccepted?: (mime: string) => boolean;
  readonly checkRedirect?: RedirectCheck;
  /** Told of each good response before Crawlee's handler runs: sizes and times, which Crawlee does not pass on. */
  readonly onResponse?: (requestUrl: string, response: FetchResponse) => void;
}

/**
 * Lets Crawlee fetch through our fetcher, each page whole. A status of 400 and over is thrown as `FetchError`
 * `http-error`, so that all failures of a page arrive in one form. Bodies are within the fetcher's limits.
 */
export function createCrawleeHttpClient(deps: CrawleeHttpClientDeps): BaseHttpClient {
  async function sendRequest<T extends keyof ResponseTypes = 'text'>(request: HttpRequest<T>) {
    const response = await fetchPage(deps, request);
    return {
      ...describe(response),
      request,
      body: bodyAs(request.responseType, response),
    } as HttpResponse<T>;
  }

  // Nothing of Crawlee that we use streams, and a page is judged whole.
  const stream = () => Promise.reject(new TypeError('pages are not streamed'));
  return { sendRequest, stream };
}

async function fetchPage(
  deps: CrawleeHttpClientDeps,
  request: Pick<HttpRequest, 'url' | 'method' | 'signal'>,
): Promise<FetchResponse> {
  const method = request.method?.toUpperCase() ?? 'GET';
  if (method !== 'GET') throw new TypeError(`a crawl does not ${method}`);
  const url = String(request.url);
  const signals = [deps.signal, request.signal].filter((signal) => signal !== undefined);
  const response = await deps.fetcher.fetch(url, {
    signal: signals.length > 0 ? AbortSignal.any(signals) : undefined,
    isTypeAccepted: deps.isTypeAccepted,
    checkRedirect: deps.checkRedirect,
  });
  if (response.status >= 400) throw toHttpError(response);
  deps.onResponse?.(url, response);
  return response;
}

/** Too early, too many, and the server's own trouble pass; a page that is not there stays so. */
const RETRYABLE_STATUS = new Set([408, 425, 429, 500, 502, 503, 504]);

function toHttpError({ url, status, retryAfterMs }: FetchResponse): FetchError {
  const retryable = RETRYABLE_STATUS.has(status);
  return new FetchError('http-error', {
    url,
    status,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

function describe(response: FetchResponse) {
  const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = response.headers;
  return {
    redirectUrls: [
      ...response.redirects.slice(1),
      ...(response.redirects.length > 0 ? [response.url] : []),
    ].map((url) => new URL(url)),
    url: response.url,
    statusCode: response.status,
    headers,
    trailers: {},
    complete: true,
  };
}

function bodyAs(type: keyof ResponseTypes = 'text', { body, charset }: FetchResponse): unknown {
  if (type === 'buffer') return body;
  const text = decodeText(body, charset);
  return type === 'json' ? JSON.parse(text) : text;
}
