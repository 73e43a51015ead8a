import type { DegradedToken, PageReason, PageResult } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { runScript, type Script } from '../redis/run-script.ts';
import { DEGRADED } from './crawl-record.ts';
import { crawlKeys, scriptKeys } from './keys.ts';
import { isRefusedField, parseQueuedRow, queuedRow, refusedField, skippedPage } from './page-row.ts';
import { readCrawlScripts } from './scripts.ts';

/** Why a worker may no longer write: the crawl was cancelled, taken over, or forgotten by Redis. */
export type StopCode = 'STOPPING' | 'FENCED' | 'GONE';

export class CrawlStopped extends Error {
  readonly code: StopCode;
  constructor(code: StopCode) {
    super(`the crawl may not go on: ${code}`);
    this.name = 'CrawlStopped';
    this.code = code;
  }
}

export interface Discovered {
  readonly url: string;
  readonly depth: number;
  readonly order: number;
  /** Why it will not be fetched; without one it is queued. */
  readonly reason?: PageReason;
}

/** A document for rag: `body` is a `DocumentInput` in JSON. */
export interface OutboxDocument {
  readonly id: string;
  readonly collection: string;
  readonly body: string;
}

export interface Commit {
  readonly page: PageResult;
  /** Whether one of the crawl's `limit` fetches was used. */
  readonly isTaken: boolean;
  readonly document?: OutboxDocument;
  /** Where the start URL led to, when the crawl's scope starts there. */
  readonly base?: string;
}

/** What a worker finds when it takes over: everything that the one before it had written. */
export interface Restored {
  readonly queued: readonly { readonly url: string; readonly depth: number; readonly order: number }[];
  readonly done: readonly PageResult[];
  readonly taken: number;
  readonly base: string | undefined;
}

/** One worker's access to the pages of one crawl. Methods throw `CrawlStopped` once it may not write. */
export interface PageLog {
  restore(): Promise<Restored>;
  discover(urls: readonly Discovered[]): Promise<void>;
  /** URLs that are only counted, because too many are recorded already. */
  overflow(count: number, reason: PageReason): Promise<void>;
  /** False when the outbox is full: nothing was written, and the caller comes again later. */
  commit(commit: Commit): Promise<boolean>;
  /** Notes among the crawl's errors what one of its pages asked for and was refused, each URL once. */
  refuse(url: string, reason: PageReason): Promise<void>;
  /** Notes on the crawl's record what it went without. */
  degrade(token: DegradedToken): Promise<void>;
  settle(
    urls: readonly { readonly url: string; readonly depth: number }[],
    reason: PageReason,
  ): Promise<void>;
}

export interface PageLogDeps {
  readonly redis: Redis;
  readonly id: string;
  readonly fence: string;
  readonly keepS: number;
  readonly outbox: { readonly maxEntries: number; readonly maxBytes: number };
  readonly now?: () => number;
}

const BATCH = 500;

export function createPageLog({ redis, id, fence, keepS, outbox, now = Date.now }: PageLogDeps): PageLog {
  const scripts = readCrawlScripts();
  const run = async (script: Script, args: readonly (string | number)[]): Promise<'OK' | 'FULL'> => {
    const verdict = await runScript(redis, script, scriptKeys(id), [id, now(), keepS, fence, ...args]);
    if (verdict === 'OK' || verdict === 'FULL') return verdict;
    throw new CrawlStopped(verdict as StopCode);
  };

  return {
    restore: () => restore(redis, id),
    async discover(urls) {
      for (let i = 0; i < urls.length; i += BATCH) {
        await run(scripts.discover, urls.slice(i, i + BATCH).flatMap(discoverArgs));
      }
    },
    async overflow(count, reason) {
      await run(scripts.overflow, [count, reason]);
    },
    async commit(commit) {
      const args = [...commitArgs(commit), outbox.maxEntries, outbox.maxBytes, ...documentArgs(commit)];
      return (await run(scripts.commit, args)) === 'OK';
    },
    async refuse(url, reason) {
      await run(scripts.refuse, [refusedField(url), JSON.stringify(skippedPage(url, 0, reason))]);
    },
    async degrade(token) {
      const { job } = crawlKeys(id);
      // A record that Redis has lost is not to come back as this field alone.
      if ((await redis.hexists(job, 'status')) === 1) await redis.hset(job, `${DEGRADED}${token}`, '1');
    },
    async settle(urls, reason) {
      for (let i = 0; i < urls.length; i += BATCH) {
        const batch = urls.slice(i, i + BATCH);
        const pairs = batch.flatMap(({ url, depth }) => [
          url,
          JSON.stringify(skippedPage(url, depth, reason)),
        ]);
        await run(scripts.settle, [reason, ...pairs]);
      }
    },
  };
}

function discoverArgs({ url, depth, order, reason }: Discovered): string[] {
  return reason === undefined
    ? [url, queuedRow(depth, order), '']
    : [url, JSON.stringify(skippedPage(url, depth, reason)), reason];
}

function commitArgs({ page, isTaken, base }: Commit): string[] {
  const isFetched = page.status === 'fetched' || (page.httpStatus !== null && page.httpStatus < 400);
  return [
    page.url,
    JSON.stringify(page),
    page.status,
    page.reason ?? '',
    isTaken ? '1' : '0',
    isFetched ? '1' : '0',
    base ?? '',
  ];
}

function documentArgs({ document }: Commit): string[] {
  return document === undefined ? ['', '', ''] : [document.id, document.collection, document.body];
}

async function restore(redis: Redis, id: string): Promise<Restored> {
  const { pages, job } = crawlKeys(id);
  const queued: { url: string; depth: number; order: number }[] = [];
  const done: PageResult[] = [];
  const seen = new Set<string>();
  let cursor = '0';
  do {
    const [next, entries] = await redis.hscan(pages, cursor, 'COUNT', 1000);
    cursor = next;
    for (let i = 0; i < entries.length; i += 2) {
      const [url = '', row = ''] = [entries[i], entries[i + 1]];
      if (seen.has(url) || isRefusedField(url)) continue; // HSCAN may name a field twice while the hash grows
      seen.add(url);
      const waiting = parseQueuedRow(row);
      if (waiting !== undefined) queued.push({ url, ...waiting });
      else done.push(JSON.parse(row) as PageResult);
    }
  } while (cursor !== '0');
  queued.sort((a, b) => a.order - b.order);
  const [taken, base] = await redis.hmget(job, 'taken', 'base');
  return { queued, done, taken: Number(taken ?? 0), base: base ?? undefined };
}
