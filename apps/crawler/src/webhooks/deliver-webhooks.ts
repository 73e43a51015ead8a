import type { CrawlRequest, Webhook, WebhookEvent } from '@xnai/contracts';
import { FetchError, type Fetcher } from '@xnai/egress';
import { BreakerOpenError, type Family } from '@xnai/resilience';
import type { Logger } from '@xnai/service';
import type { CrawlEvent } from '../ledger/events.ts';
import { serveDue } from '../redis/serve-due.ts';
import type { WebhookSecrets } from './secrets.ts';
import { signedHeaders } from './sign.ts';
import { webhookEventOf } from './webhook-event.ts';
import type { WebhookQueue } from './webhook-queue.ts';

export interface WebhookDeps {
  readonly queue: WebhookQueue;
  readonly secrets: WebhookSecrets;
  /** With the private origins of CRAWL_WEBHOOK_ORIGINS, not those of crawls. */
  readonly fetcher: Pick<Fetcher, 'post'>;
  /** A breaker for each receiver. */
  readonly receivers: Family;
  readonly requestOf: (crawlId: string) => Promise<CrawlRequest | undefined>;
  /** Events after the given one, without waiting for more. */
  readonly eventsAfter: (crawlId: string, after: string | undefined) => Promise<CrawlEvent[]>;
  readonly log: Logger;
  readonly pollMs?: number;
  readonly firstRetryMs?: number;
}

/** Crawls that are served at a time. */
const PARALLEL = 16;
const POLL_MS = 500;
const ATTEMPT_MS = 10_000;
/** Longer than an attempt and what is written around it. */
const LEASE_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 300_000;

/**
 * Sends the events of crawls to their webhooks, those of one crawl in their order and each at least once. What is due is
 * kept in Redis, so that another replica or the next start goes on with it. A receiver that fails is asked again, less and
 * less often, for as long as the record of the crawl is kept.
 */
export function deliverWebhooks(deps: WebhookDeps): AsyncDisposable {
  return serveDue({
    due: deps.queue.due,
    atOnce: PARALLEL,
    leaseMs: LEASE_MS,
    pollMs: deps.pollMs ?? POLL_MS,
    serve: (id, signal) => serve(deps, id, signal),
    onError: (err, crawlId) => deps.log.warn({ err, crawlId }, 'webhook is left for a while'),
  });
}

/** Delivers what a crawl has told so far. */
async function serve(deps: WebhookDeps, id: string, signal: AbortSignal): Promise<void> {
  const { queue, pollMs = POLL_MS } = deps;
  const webhook = (await deps.requestOf(id))?.webhook;
  // The record of the crawl has expired.
  if (webhook === undefined) return queue.due.remove(id);
  let { after, failures } = await queue.state(id);
  for (const event of await deps.eventsAfter(id, after)) {
    const message = webhookEventOf(id, webhook, event);
    const outcome = message && (await send(deps, { webhook, message, event, failures, signal }));
    if (outcome !== undefined && outcome.kind !== 'delivered') return settle(deps, id, outcome);
    await queue.advance(id, event.id, LEASE_MS);
    [after, failures] = [event.id, 0];
    if (event.type === 'finished') return queue.due.remove(id);
  }
  await queue.due.putOff(id, Date.now() + pollMs);
}

interface Sending {
  readonly webhook: Webhook;
  readonly message: WebhookEvent;
  readonly event: CrawlEvent;
  readonly failures: number;
  readonly signal: AbortSignal;
}

type Outcome =
  | { readonly kind: 'delivered' | 'gone' }
  | { readonly kind: 'rejected'; readonly retryMs: number }
  | { readonly kind: 'failed'; readonly retryMs: number };

async function send(deps: WebhookDeps, sending: Sending): Promise<Outcome> {
  const { webhook, message, event, failures, signal } = sending;
  const id = `${message.id}.${event.id}`;
  const body = JSON.stringify(message);
  const atMs = Date.now();
  const secrets = (await deps.secrets.of(webhook.secretName ?? 'default')) ?? [];
  const headers = signedHeaders({ id, body, atMs }, secrets);
  const post = (within: AbortSignal) =>
    deps.fetcher.post(webhook.url, { body, headers, timeoutMs: ATTEMPT_MS, signal: within });
  let status: number | null = null;
  let error: string | undefined;
  let askedMs = 0;
  try {
    const answer = await deps.receivers
      .get(new URL(webhook.url).host)
      .execute(({ signal: within }) => post(within), { signal, classify });
    status = answer.status;
    askedMs = answer.retryAfterMs ?? 0;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof BreakerOpenError) return { kind: 'rejected', retryMs: cause.retryAfterMs };
    error = cause instanceof FetchError ? cause.message : 'it could not be sent';
  }
  const delivered = status !== null && status >= 200 && status < 300;
  await deps.queue.log(message.id, {
    webhookId: id,
    type: message.type,
    attempt: failures + 1,
    delivered,
    httpStatus: status,
    ...(error !== undefined && { error }),
    at: new Date(atMs).toISOString(),
    ms: Date.now() - atMs,
  });
  if (delivered || status === 410) return { kind: delivered ? 'delivered' : 'gone' };
  const { firstRetryMs = FIRST_RETRY_MS } = deps;
  const backoffMs = Math.min(firstRetryMs * 2 ** failures, MAX_RETRY_MS) * (0.5 + Math.random() / 2);
  return { kind: 'failed', retryMs: Math.min(Math.max(backoffMs, askedMs), MAX_RETRY_MS) };
}

/** A receiver that refuses one message may take others; one that fails is left alone for a while. */
function classify(outcome: { readonly error: unknown } | { readonly value: unknown }) {
  if ('error' in outcome) return outcome.error instanceof FetchError ? ('failure' as const) : undefined;
  const { status } = outcome.value as { readonly status: number };
  return status >= 500 || status === 429 ? ('failure' as const) : ('success' as const);
}

async function settle({ queue }: WebhookDeps, id: string, outcome: Outcome): Promise<void> {
  // 410: the receiver says that it will never want another.
  if (outcome.kind === 'gone') return queue.due.remove(id);
  if (outcome.kind === 'failed') await queue.fail(id);
  if ('retryMs' in outcome) await queue.due.putOff(id, Date.now() + Math.max(outcome.retryMs, 100));
}
