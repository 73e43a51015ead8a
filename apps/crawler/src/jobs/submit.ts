import { createHash } from 'node:crypto';
import { type Crawl, CrawlRequest } from '@xnai/contracts';
import type { Fetcher } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Breaker, Deadline } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import { type BrowserWatch, requireBrowser } from '../browser/watch-browser.ts';
import type { Idempotency, Ledger } from '../ledger/ledger.ts';
import type { CrawlQueue } from './queue.ts';

export interface CrawlServiceDeps {
  /** Fails at once while Redis is away. */
  readonly ledger: Ledger;
  readonly queue: CrawlQueue;
  readonly deadlineOf: (id: string) => Deadline;
  readonly fetcher: Pick<Fetcher, 'check'>;
  readonly dns: Breaker;
  readonly browser: BrowserWatch;
}

export interface SubmitOptions {
  /** `Idempotency-Key`, and whose it is. */
  readonly idempotency: { readonly key: string; readonly caller: string } | undefined;
  readonly signal: AbortSignal;
}

/**
 * Takes a crawl on, or finds the one that the same key and body made before.
 * @throws ServiceError VALIDATION, TARGET_NOT_PUBLIC, IDEMPOTENCY_KEY_REUSED, OVERLOADED, REDIS_UNAVAILABLE
 */
export async function submitCrawl(
  deps: CrawlServiceDeps,
  request: CrawlRequest,
  { idempotency, signal }: SubmitOptions,
): Promise<{ readonly crawl: Pick<Crawl, 'id' | 'status' | 'url' | 'collection'>; readonly isNew: boolean }> {
  await checkUrl(deps, request.url, signal);
  if (request.render === 'always') await requireBrowser(deps.browser);
  const submission = await deps.ledger.submit(request, idempotency && fingerprint(idempotency, request));
  if (submission.kind === 'full') {
    throw new ServiceError('OVERLOADED', { detail: 'Too many crawls are waiting', retryAfterMs: 30_000 });
  }
  if (submission.kind === 'reused') throw new ServiceError('IDEMPOTENCY_KEY_REUSED');
  const { id } = submission;
  if (submission.kind === 'replayed') {
    const known = await deps.ledger.get(id);
    if (known !== undefined) return { crawl: known, isNew: false };
  }
  // Should this fail or never happen, the crawl is recorded all the same: the reconciler queues it.
  await deps.queue.add(id, deps.deadlineOf(id)).catch(() => {});
  const { url, collection } = request;
  return { crawl: { id, status: 'queued', url, collection }, isNew: true };
}

const DNS_MS = 2000;
const NOT_PUBLIC =
  'The target is not a public address. CRAWL_ALLOWED_ORIGINS names the private sites that may be crawled';

/**
 * Refuses early what would be refused later anyway.
 * @throws ServiceError VALIDATION, TARGET_NOT_PUBLIC
 */
export async function checkUrl(
  deps: Pick<CrawlServiceDeps, 'dns' | 'fetcher'>,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await deps.dns.execute(() => deps.fetcher.check(url), {
      signal,
      timeoutMs: DNS_MS,
      classify: (outcome) =>
        'error' in outcome && outcome.error instanceof FetchError ? 'success' : undefined,
      // A name that does not resolve in time passes, as one that does not resolve: it may later.
      fallback: (error) => {
        if (error instanceof FetchError) throw error;
      },
    });
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.code === 'not-public') throw new ServiceError('TARGET_NOT_PUBLIC', { detail: NOT_PUBLIC });
    const message =
      'expected an http or https URL without credentials, backslashes, spaces or control characters';
    throw new ServiceError('VALIDATION', { detail: `url: ${message}`, errors: [{ path: 'url', message }] });
  }
}

function fingerprint(
  { key, caller }: { readonly key: string; readonly caller: string },
  request: CrawlRequest,
): Idempotency {
  // Parsed once more so that the order of fields in the body does not matter.
  return { key: sha256(`${caller} ${key}`), bodyHash: sha256(JSON.stringify(CrawlRequest.parse(request))) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Stops a crawl wherever it runs. A crawl that nobody works on ends at once, any other soon after.
 * @throws ServiceError CRAWL_NOT_FOUND, REDIS_UNAVAILABLE
 */
export async function cancelCrawl({ ledger, queue }: CrawlServiceDeps, id: string): Promise<Crawl> {
  const status = await ledger.cancel(id);
  if (status === undefined) throw new ServiceError('CRAWL_NOT_FOUND');
  if (status === 'stopping') {
    const state = await ledger.state(id);
    const isIdle = state?.isCrawled === true || (await queue.remove(id)) || !(await queue.has(id));
    if (isIdle) await ledger.endCancelled(id);
  }
  return readCrawl({ ledger }, id);
}

/** @throws ServiceError CRAWL_NOT_FOUND, REDIS_UNAVAILABLE */
export async function readCrawl({ ledger }: Pick<CrawlServiceDeps, 'ledger'>, id: string): Promise<Crawl> {
  const crawl = await ledger.get(id);
  if (crawl === undefined) throw new ServiceError('CRAWL_NOT_FOUND');
  return crawl;
}
