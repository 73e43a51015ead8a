import { setTimeout as sleep } from 'node:timers/promises';
import { ClientError } from '@xnai/contracts/client';
import { BreakerOpenError } from '@xnai/resilience';
import type { Logger } from '@xnai/service';
import { continueTrace, SpanKind, spanUrl } from '@xnai/service/trace';
import type { GuardedRag, PutAnswer } from './guarded-rag.ts';
import type { Delivery, Outbox, OutboxEntry } from './outbox.ts';

export interface DeliveryDeps {
  /** Waits while Redis is away. */
  readonly outbox: Outbox;
  readonly rag: GuardedRag;
  readonly log: Logger;
  /** Documents sent side by side. */
  readonly parallel: number;
  readonly onDelivered: (status: Delivery['status']) => void;
  /** An entry is taken over when its replica has not reported for this many milliseconds. */
  readonly idleMs?: number;
  readonly retryMs?: number;
}

const BLOCK_MS = 1000;

/** Brings pages from the outbox to rag, each until rag has it or will never have it. */
export function startDelivery(deps: DeliveryDeps): AsyncDisposable {
  const closing = new AbortController();
  const running = run(deps, closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) deps.log.fatal({ err: error }, 'delivery ended');
  });
  return {
    async [Symbol.asyncDispose]() {
      closing.abort(new Error('the service is stopping'));
      await running;
    },
  };
}

async function run(deps: DeliveryDeps, signal: AbortSignal): Promise<void> {
  const { outbox, parallel, idleMs = 15_000 } = deps;
  const underWay = new Map<string, Promise<void>>();
  let claimAtMs = 0;
  while (!signal.aborted) {
    const free = parallel - underWay.size;
    const isClaiming = performance.now() >= claimAtMs;
    if (isClaiming) claimAtMs = performance.now() + idleMs / 3;
    const entries = isClaiming ? await outbox.takeOver(free, idleMs) : await outbox.take(free, BLOCK_MS);
    for (const entry of entries) {
      if (underWay.has(entry.entryId)) continue;
      const done = inItsTrace(entry, () => deliver(deps, entry, signal))
        .catch((error: unknown) => {
          if (!signal.aborted) deps.log.error({ err: error, url: entry.url }, 'page could not be delivered');
        })
        .finally(() => underWay.delete(entry.entryId));
      underWay.set(entry.entryId, done);
    }
    if (underWay.size >= parallel) await Promise.race(underWay.values());
  }
  await Promise.all(underWay.values());
}

function inItsTrace({ trace, url }: OutboxEntry, work: () => Promise<void>): Promise<void> {
  const attributes = { 'url.full': spanUrl(url) };
  return continueTrace(trace, 'deliver', { kind: SpanKind.CONSUMER, attributes }, work);
}

/** Tries again until rag answers, or the crawl no longer wants the page. */
async function deliver(deps: DeliveryDeps, entry: OutboxEntry, signal: AbortSignal): Promise<void> {
  const { outbox, rag, retryMs = 500, idleMs = 15_000 } = deps;
  const keep = setInterval(() => void outbox.keep(entry.entryId).catch(() => {}), idleMs / 3);
  using _keep = { [Symbol.dispose]: () => clearInterval(keep) };
  for (let isFirst = true; ; isFirst = false) {
    // An entry that was taken just now is wanted: a crawl that is cancelled takes its pages out of the outbox.
    if (!isFirst && !(await outbox.isWanted(entry))) return outbox.drop(entry);
    try {
      await acknowledge(deps, entry, await send(rag, entry, signal));
      if (!isFirst) await outbox.markRag('up');
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ClientError && isFaultOfPage(error)) {
        deps.log.warn({ url: entry.url, code: error.code }, 'rag rejected a page');
        return acknowledge(deps, entry, { status: 'failed', reason: 'rejected-by-rag', code: error.code });
      }
      await outbox.markRag('down');
      await sleep(waitMs(error, retryMs), undefined, { signal });
    }
  }
}

/**
 * The answers that are about the page itself: no later attempt would have another. Any other failure, a refused key or a
 * wrong address of rag included, is for the operator to mend, and the page waits in the outbox until then.
 */
const PAGE_FAULTS: ReadonlySet<number | undefined> = new Set([400, 413, 415, 422]);

async function send(rag: GuardedRag, entry: OutboxEntry, signal: AbortSignal): Promise<Delivery> {
  if (entry.body === '') return { status: await rag.remove(entry, signal) };
  return deliveryOf(await rag.put(entry, signal));
}

/** With the key of the crawler, the document of another origin that has the page's id is not replaced. */
function isFaultOfPage({ status, code }: ClientError): boolean {
  return PAGE_FAULTS.has(status) || code === 'DOCUMENT_NOT_WEB';
}

function deliveryOf({ status, created, id, kept_as: documentId = id }: PutAnswer): Delivery {
  if (status === 'joined') return { status: 'skipped', reason: 'duplicate', documentId };
  return status === 'indexed' ? { status, change: created ? 'added' : 'changed' } : { status };
}

const MAX_RETRY_AFTER_MS = 30_000;
/** A person has to mend what rag refuses, which takes longer than a restart. */
const REFUSED_FACTOR = 4;
/** A half-open breaker says when it will let another in at the latest; mostly it closes long before. */
const MAX_BREAKER_WAIT_MS = 1000;

function waitMs(error: unknown, retryMs: number): number {
  if (error instanceof ClientError) {
    const leastMs = error.retryable ? retryMs : retryMs * REFUSED_FACTOR;
    return Math.min(Math.max(leastMs, error.retryAfterMs ?? 0), MAX_RETRY_AFTER_MS);
  }
  if (error instanceof BreakerOpenError) {
    return Math.min(Math.max(retryMs, error.retryAfterMs), MAX_BREAKER_WAIT_MS);
  }
  return retryMs;
}

async function acknowledge(deps: DeliveryDeps, entry: OutboxEntry, delivery: Delivery): Promise<void> {
  await deps.outbox.acknowledge(entry, delivery);
  deps.onDelivered(delivery.status);
}
