import { FetchError, type FetchResponse, type ResponseType } from '@xnai/egress';
import { inSpan, SpanKind } from '@xnai/service/trace';
import { pageTypeOf } from '../extract/page-type.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { isPassingStatus, throughHost, verdictOnStatus } from '../hosts.ts';
import { PageError } from '../page-error.ts';
import { assertAllowed } from '../page-failure.ts';
import { MAX_PER_HOST, throughGate } from '../redis/host-gate.ts';
import type { CrawlDeps, CrawlRun } from './run.ts';

export interface FetchRun extends Pick<CrawlRun, 'scope' | 'signal'> {
  readonly request: Pick<CrawlRun['request'], 'types' | 'maxConcurrency'>;
  readonly frontier: Pick<CrawlRun['frontier'], 'restartDelay' | 'delayOf'>;
  readonly deps: Pick<CrawlDeps, 'gate' | 'hosts' | 'pages' | 'robots'>;
}

/**
 * Fetches a page through the gate and the breaker of its host, with a browser where the page needs one.
 * @throws {FetchError} `http-error` for a status of 400 or more, and whatever the fetcher throws
 * @throws {PageError} when a redirect is refused or the browser cannot run the page
 * @throws {HostBusy} when the host has no place for a request at present
 * @throws {BreakerOpenError} when the breaker of the host is open
 */
export function fetchPage(
  run: FetchRun,
  page: Pick<FrontierPage, 'url' | 'host'>,
  headers?: Readonly<Record<string, string>>,
): Promise<FetchResponse> {
  return inSpan('fetch', { kind: SpanKind.CLIENT }, async (span) => {
    const response = await request(run, page, headers);
    span.setAttributes({
      'http.response.status_code': response.status,
      'http.response.body.size': response.decodedBytes,
      'xnai.rendered': response.isRendered === true,
    });
    return response;
  });
}

async function request(
  run: FetchRun,
  page: Pick<FrontierPage, 'url' | 'host'>,
  headers: Readonly<Record<string, string>> | undefined,
): Promise<FetchResponse> {
  const { gate, hosts, pages } = run.deps;
  const isTypeAccepted = (said: ResponseType) => isTaken(run, said);
  const fetch = (signal: AbortSignal) =>
    pages
      .fetch(page.url, { signal, headers, isTypeAccepted, checkRedirect: (url) => checkRedirect(run, url) })
      .finally(() => run.frontier.restartDelay(page.host));
  const pace = {
    gapMs: run.frontier.delayOf(page.host),
    maxInFlight: run.request.maxConcurrency ?? MAX_PER_HOST,
  };
  const send = () => throughHost(hosts, page.url, fetch, { signal: run.signal, verdictOf: verdictOnStatus });
  const response = await throughGate(gate, page.host, { pace, request: send });
  if (response.status >= 400) throw httpErrorOf(response);
  return response;
}

/** A page of HTML is read for its links, even where it is not taken itself. */
function isTaken({ request }: FetchRun, said: ResponseType): boolean {
  const type = pageTypeOf(said)?.type;
  return type !== undefined && (type === 'html' || request.types.includes(type));
}

/** @throws {PageError} `redirect-out-of-scope`, or what robots.txt says */
async function checkRedirect(run: FetchRun, url: URL): Promise<void> {
  const { href } = url;
  if (!run.scope.isRedirectAllowed(url)) throw new PageError('redirect-out-of-scope', { url: href });
  assertAllowed(await run.deps.robots.check(href, run.signal), href);
}

function httpErrorOf({ url, status, retryAfterMs }: FetchResponse): FetchError {
  const retryable = isPassingStatus(status);
  return new FetchError('http-error', {
    url,
    status,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
