import type { DegradedToken, PageReason, PageResult } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { DEGRADED } from './record.ts';
import { deniedField, isDeniedField, parseQueuedRow, queuedRow, scanRows, skippedPage } from './rows.ts';
import { crawlKeys, openScripts, type Step } from './scripts.ts';

/** Why a worker may no longer write: the crawl was cancelled, taken over by another worker, or lost by Redis. */
export type StopCode = 'STOPPING' | 'FENCED' | 'GONE';

const STOP_CODES: ReadonlySet<string> = new Set<StopCode>(['STOPPING', 'FENCED', 'GONE']);

export class CrawlStopped extends Error {
  readonly code: StopCode;
  constructor(code: StopCode) {
    super(`the crawl may not continue: ${code}`);
    this.name = 'CrawlStopped';
    this.code = code;
  }
}

export interface DiscoveredUrl extends QueuedUrl {
  /** Why it will not be fetched; undefined when it is queued. */
  readonly reason?: PageReason | undefined;
}

export interface QueuedUrl {
  readonly url: string;
  readonly depth: number;
  /** Its place in the order of discovery. */
  readonly order: number;
}

/** A document for rag: `body` is a `DeliveredDocument` in JSON. */
export interface OutboxDocument {
  readonly id: string;
  readonly collection: string;
  readonly body: string;
}

export interface PageRecord {
  readonly page: PageResult;
  /** Whether one of the crawl's `limit` fetches was used. */
  readonly isCounted: boolean;
  readonly document?: OutboxDocument | undefined;
  /** The URL that the start URL led to, when the scope of the crawl begins there. */
  readonly base?: string | undefined;
  /** The trace in which the document is delivered. */
  readonly trace?: string | undefined;
}

/** The records of earlier workers of the crawl. */
export interface RestoredCrawl {
  readonly queued: readonly QueuedUrl[];
  readonly done: readonly PageResult[];
  /** Fetches that count against the crawl's `limit`. */
  readonly counted: number;
  readonly base: string | undefined;
}

/** A document whose page is gone. */
export interface GoneDocument {
  readonly id: string;
  readonly url: string;
}

/**
 * One worker's access to the pages of one crawl.
 * @throws {CrawlStopped} STOPPING, FENCED or GONE from every method that writes, when this worker may no longer write
 */
export interface PageLog {
  restore(): Promise<RestoredCrawl>;
  addDiscovered(urls: readonly DiscoveredUrl[]): Promise<void>;
  /** Counts URLs without recording them, because the crawl has recorded its maximum number. */
  countUnrecorded(count: number, reason: PageReason): Promise<void>;
  /** False when the outbox is full: nothing was written, and the caller must try again later. */
  record(record: PageRecord): Promise<boolean>;
  /** Has rag delete documents: as many as the outbox has room for, whose number is returned. */
  forget(collection: string, documents: readonly GoneDocument[]): Promise<number>;
  /** Adds a request of a page that was denied to the errors of the crawl, each URL once. */
  noteDenied(url: string, reason: PageReason): Promise<void>;
  /** Records in the crawl's `degraded` list that it went without something. */
  noteDegraded(token: DegradedToken): Promise<void>;
  /** Records queued URLs as skipped. */
  skipQueued(urls: readonly Pick<QueuedUrl, 'url' | 'depth'>[], reason: PageReason): Promise<void>;
}

export interface PageLogDeps {
  readonly redis: Redis;
  readonly id: string;
  readonly fence: string;
  readonly keepS: number;
  readonly outbox: { readonly maxEntries: number; readonly maxBytes: number };
}

const BATCH = 500;

export function createPageLog({ redis, id, fence, keepS, outbox }: PageLogDeps): PageLog {
  const scripts = openScripts(redis, keepS);
  const run = async (step: Step, args: readonly (string | number)[]): Promise<string> => {
    const reply = String(await scripts.run(step, { id, fence }, args));
    if (!STOP_CODES.has(reply)) return reply;
    throw new CrawlStopped(reply as StopCode);
  };

  return {
    restore: () => restore(redis, id),
    async addDiscovered(urls) {
      for (const batch of batchesOf(urls)) await run('discover', batch.flatMap(discoverArgs));
    },
    async countUnrecorded(count, reason) {
      await run('overflow', [count, reason]);
    },
    async record(record) {
      const args = [...recordArgs(record), outbox.maxEntries, outbox.maxBytes, ...documentArgs(record)];
      return (await run('commit', args)) === 'OK';
    },
    async forget(collection, documents) {
      const triples = documents.slice(0, BATCH).flatMap(({ id: documentId, url }) => {
        return [url, documentId, JSON.stringify({ ...skippedPage(url, 0, 'unreachable'), documentId })];
      });
      return Number(await run('forget', [collection, outbox.maxEntries, ...triples]));
    },
    async noteDenied(url, reason) {
      await run('denied', [deniedField(url), JSON.stringify(skippedPage(url, 0, reason))]);
    },
    async noteDegraded(token) {
      const { job } = crawlKeys(id);
      // A record that Redis has lost must not come back as this field alone.
      if ((await redis.hexists(job, 'status')) === 1) await redis.hset(job, `${DEGRADED}${token}`, '1');
    },
    async skipQueued(urls, reason) {
      for (const batch of batchesOf(urls)) {
        const rows = batch.flatMap(({ url, depth }) => [
          url,
          JSON.stringify(skippedPage(url, depth, reason)),
        ]);
        await run('skip', [reason, ...rows]);
      }
    },
  };
}

function* batchesOf<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += BATCH) yield items.slice(i, i + BATCH);
}

function discoverArgs({ url, depth, order, reason }: DiscoveredUrl): string[] {
  return reason === undefined
    ? [url, queuedRow(depth, order), '']
    : [url, JSON.stringify(skippedPage(url, depth, reason)), reason];
}

function recordArgs({ page, isCounted, base }: PageRecord): string[] {
  const isFetched = page.status === 'fetched' || (page.httpStatus !== null && page.httpStatus < 400);
  return [
    page.url,
    JSON.stringify(page),
    page.status,
    page.reason ?? '',
    isCounted ? '1' : '0',
    isFetched ? '1' : '0',
    base ?? '',
  ];
}

function documentArgs({ document, trace = '' }: PageRecord): string[] {
  return document === undefined ? ['', '', '', ''] : [document.id, document.collection, document.body, trace];
}

async function restore(redis: Redis, id: string): Promise<RestoredCrawl> {
  const { pages, job } = crawlKeys(id);
  const queued: QueuedUrl[] = [];
  const done: PageResult[] = [];
  const seen = new Set<string>();
  for await (const rows of scanRows(redis, pages)) {
    for (const [url, row] of rows) {
      // HSCAN may return a field twice while the hash grows.
      if (seen.has(url) || isDeniedField(url)) continue;
      seen.add(url);
      const waiting = parseQueuedRow(row);
      if (waiting !== undefined) queued.push({ url, ...waiting });
      else done.push(JSON.parse(row) as PageResult);
    }
  }
  queued.sort((a, b) => a.order - b.order);
  const [counted, base] = await redis.hmget(job, 'taken', 'base');
  return { queued, done, counted: Number(counted ?? 0), base: base ?? undefined };
}
