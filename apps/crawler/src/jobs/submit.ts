import { createHash } from 'node:crypto';
import { type Crawl, CrawlRequest, type Webhook } from '@xnai/contracts';
import type { Fetcher } from '@xnai/egress';
import { FetchError } from '@xnai/egress';
import type { Breaker, Deadline } from '@xnai/resilience';
import { ServiceError } from '@xnai/service';
import { renderMode } from '../browser/render-mode.ts';
import { type BrowserWatch, requireBrowser } from '../browser/watch-browser.ts';
import type { Idempotency, Ledger } from '../ledger/ledger.ts';
import type { WebhookSecrets } from '../webhooks/secrets.ts';
import type { CrawlQueue } from './queue.ts';

export interface CrawlServiceDeps {
  /** Fails at once while Redis is away. */
  readonly ledger: Ledger;
  readonly queue: CrawlQueue;
  readonly deadlineOf: (id: string) => Deadline;
  readonly fetcher: Pick<Fetcher, 'check'>;
  readonly webhooks: WebhookAccess;
  readonly dns: Breaker;
  readonly browser: BrowserWatch;
}

/** Checks where webhooks go, and knows their secrets. */
export interface WebhookAccess {
  readonly fetcher: Pick<Fetcher, 'check'>;
  readonly secrets: WebhookSecrets;
}

export interface SubmitOptions {
  /** The `Idempotency-Key` header, and the API key of its caller. */
  readonly idempotency: { readonly key: string; readonly caller: string } | undefined;
  readonly signal: AbortSignal;
}

/**
 * Submits a crawl, or finds the one that was submitted before with the same idempotency key and body.
 * @throws {ServiceError} VALIDATION or TARGET_NOT_PUBLIC when the URL cannot be crawled
 * @throws {ServiceError} BROWSER_NOT_AVAILABLE when every page shall be rendered and this machine has no browser
 * @throws {ServiceError} IDEMPOTENCY_KEY_REUSED when the key came with another body before
 * @throws {ServiceError} OVERLOADED when too many crawls are active
 * @throws {ServiceError} REDIS_UNAVAILABLE while Redis is away
 */
export async function submitCrawl(
  deps: CrawlServiceDeps,
  request: CrawlRequest,
  { idempotency, signal }: SubmitOptions,
): Promise<{ readonly crawl: Pick<Crawl, 'id' | 'status' | 'url' | 'collection'>; readonly isNew: boolean }> {
  await checkUrl(deps, request.url, signal);
  if (request.webhook !== undefined) await checkWebhook(deps, request.webhook, signal);
  if (renderMode(request) === 'always') await requireBrowser(deps.browser);
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
  // The crawl is recorded already: when this fails, the reconciler queues it.
  await deps.queue.add(id, deps.deadlineOf(id)).catch(() => {});
  const { url, collection } = request;
  return { crawl: { id, status: 'queued', url, collection }, isNew: true };
}

/**
 * @throws {ServiceError} VALIDATION when there is no secret of that name, or the URL is none
 * @throws {ServiceError} TARGET_NOT_PUBLIC when the receiver is private and not allowed
 */
async function checkWebhook(
  { dns, webhooks }: Pick<CrawlServiceDeps, 'dns' | 'webhooks'>,
  { url, secretName }: Webhook,
  signal: AbortSignal,
): Promise<void> {
  await checkUrl({ dns, fetcher: webhooks.fetcher }, url, signal, {
    path: 'webhook.url',
    setting: 'CRAWL_WEBHOOK_ORIGINS',
  });
  if (secretName === undefined || (await webhooks.secrets.of(secretName)) !== undefined) return;
  const message = `CRAWL_WEBHOOK_SECRETS_FILE has no secret of the name ${secretName}`;
  throw new ServiceError('VALIDATION', {
    detail: `webhook.secretName: ${message}`,
    errors: [{ path: 'webhook.secretName', message }],
  });
}

const DNS_MS = 2000;

/** Where a URL stands in the request, and the setting that allows private ones. */
const CRAWLED = { path: 'url', setting: 'CRAWL_ALLOWED_ORIGINS' };

/**
 * Refuses a URL at once that the crawl would refuse later.
 * @throws {ServiceError} VALIDATION when it is not a URL of a web page
 * @throws {ServiceError} TARGET_NOT_PUBLIC when its address is private and not allowed
 */
export async function checkUrl(
  deps: Pick<CrawlServiceDeps, 'dns' | 'fetcher'>,
  url: string,
  signal: AbortSignal,
  { path, setting } = CRAWLED,
): Promise<void> {
  try {
    await deps.dns.execute(() => deps.fetcher.check(url), {
      signal,
      timeoutMs: DNS_MS,
      classify: (outcome) =>
        'error' in outcome && outcome.error instanceof FetchError ? 'success' : undefined,
      // A name that does not resolve, or not in time, is accepted, because it may resolve later.
      fallback: (error) => {
        if (error instanceof FetchError) throw error;
      },
    });
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.code === 'not-public') {
      const detail = `The target is not a public address. ${setting} names the private ones that may be reached`;
      throw new ServiceError('TARGET_NOT_PUBLIC', { detail });
    }
    const message =
      'expected a URL that begins with https:// or http://, without credentials, backslashes, spaces or control characters';
    throw new ServiceError('VALIDATION', { detail: `${path}: ${message}`, errors: [{ path, message }] });
  }
}

function fingerprint(
  { key, caller }: { readonly key: string; readonly caller: string },
  request: CrawlRequest,
): Idempotency {
  // Parsing orders the fields, so that their order in the body does not matter.
  return { key: sha256(`${caller} ${key}`), bodyHash: sha256(JSON.stringify(CrawlRequest.parse(request))) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Stops a crawl on any replica: at once when no worker has it, and soon otherwise.
 * @throws {ServiceError} CRAWL_NOT_FOUND when there is no crawl of this id
 * @throws {ServiceError} REDIS_UNAVAILABLE while Redis is away
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

/**
 * @throws {ServiceError} CRAWL_NOT_FOUND when there is no crawl of this id
 * @throws {ServiceError} REDIS_UNAVAILABLE while Redis is away
 */
export async function readCrawl({ ledger }: Pick<CrawlServiceDeps, 'ledger'>, id: string): Promise<Crawl> {
  const crawl = await ledger.get(id);
  if (crawl === undefined) throw new ServiceError('CRAWL_NOT_FOUND');
  return crawl;
}
