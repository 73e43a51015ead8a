import { FetchError, type Fetcher, type FetchOptions, type FetchResponse } from '@xnai/egress';
import { decodeText } from '@xnai/text';
import { readHtml } from '@xnai/text/html';
import { parseRefresh, type Refresh } from '@xnai/text/refresh';
import { isHtml } from './is-html.ts';

/** A page that is left so soon is read by no one. A longer delay is that of a page with text of its own. */
const MAX_SECONDS = 5;
const MAX_HOPS = 5;

/**
 * Fetches a page, and where that sends its readers on at once, by `<meta http-equiv=refresh>` or the `Refresh` header, the
 * page that it leads to: each as a redirect, with the checks of one. Pages that lead to each other are taken as they are.
 */
export async function fetchWithRefresh(
  fetcher: Pick<Fetcher, 'fetch' | 'mayLead'>,
  url: string,
  options: FetchOptions,
): Promise<FetchResponse> {
  let response = await fetcher.fetch(url, options);
  for (let hops = 0; hops < MAX_HOPS; hops += 1) {
    const target = refreshTarget(response);
    if (target === undefined || [response.url, ...response.redirects].includes(target)) return response;
    const next = await fetchFrom(fetcher, response.url, target, options);
    response = { ...next, redirects: [...response.redirects, response.url, ...next.redirects] };
  }
  return response;
}

/**
 * Fetches what a page leads to, with the checks of a redirect.
 * @throws {FetchError} `not-public` when it is a private origin that only pages of allowed origins may lead to
 */
export async function fetchFrom(
  fetcher: Pick<Fetcher, 'fetch' | 'mayLead'>,
  from: string,
  url: string,
  options: FetchOptions,
): Promise<FetchResponse> {
  // Before the check of robots.txt, which would ask the private origin for it.
  if (!fetcher.mayLead(from, url)) throw new FetchError('not-public', { url });
  await options.checkRedirect?.(new URL(url));
  return fetcher.fetch(url, { ...options, from });
}

function refreshTarget(response: FetchResponse): string | undefined {
  if (response.status >= 400) return undefined;
  const header = response.headers['refresh'];
  const refresh = typeof header === 'string' ? parseRefresh(header, response.url) : refreshOfPage(response);
  return refresh !== undefined && refresh.seconds <= MAX_SECONDS ? refresh.url : undefined;
}

/** How far into a page a `<meta>` is looked for. */
const HEAD_BYTES = 64 * 1024;
const MENTIONS_REFRESH = /http-equiv\s*=\s*["']?\s*refresh/i;

function refreshOfPage({ body, contentType, charset, url }: FetchResponse): Refresh | undefined {
  if (!isHtml(contentType)) return undefined;
  const head = body.subarray(0, HEAD_BYTES);
  if (!MENTIONS_REFRESH.test(head.toString('latin1'))) return undefined;
  return readHtml(decodeText(head, charset), { url }).refresh;
}
