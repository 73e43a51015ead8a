import type { Crawl, CrawlRequest, CrawlStatus, StopReason } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { runScript, type Script } from '../redis/run-script.ts';
import { crawlOf, newRecord, requestOf } from './crawl-record.ts';
import { ACTIVE_KEY, crawlKeys, INDEX_KEY, idempotencyKey, RAG_DOWN_KEY, scriptKeys } from './keys.ts';
import { parseQueuedRow, skippedPage } from './page-row.ts';
import { readCrawlScripts } from './scripts.ts';
import { createUlid } from './ulid.ts';

/** The name under which deliverers read the outbox. */
export const DELIVERY_GROUP = 'deliver';

const IDEMPOTENCY_MS = 24 * 3_600_000;
const MAX_ACTIVE = 1000;
const SETTLE_BATCH = 500;

/** `key` and `bodyHash` in hex: what an `Idempotency-Key` header stands for, and what it was sent with. */
export interface Idempotency {
  readonly key: string;
  readonly bodyHash: string;
}

export type Submission =
  | { readonly kind: 'accepted' | 'replayed' | 'reused'; readonly id: string }
  | { readonly kind: 'full' };

export type Begin =
  | { readonly kind: 'run'; readonly fence: string }
  | { readonly kind: 'stopping' | 'done' | 'gone' };

export interface CrawlState {
  readonly status: CrawlStatus;
  /** Nothing more will be fetched; rag may still have to acknowledge pages. */
  readonly isCrawled: boolean;
}

/** The crawls' records in Redis. Every method throws what ioredis throws when Redis cannot be reached. */
export interface Ledger {
  submit(request: CrawlRequest, idempotency?: Idempotency): Promise<Submission>;
  get(id: string): Promise<Crawl | undefined>;
  request(id: string): Promise<CrawlRequest | undefined>;
  list(cursor: string | undefined, limit: number): Promise<{ crawls: Crawl[]; next: string | undefined }>;
  state(id: string): Promise<CrawlState | undefined>;
  activeIds(): Promise<string[]>;
  /** Takes an id whose record is gone out of the active ones. */
  forget(id: string): Promise<void>;
  /** Takes the crawl for a worker: whoever had it before is fenced off. */
  begin(id: string): Promise<Begin>;
  crawled(id: string, fence: string, stopReason: StopReason, error?: string): Promise<void>;
  /** Ends the crawl as `failed` once its waiting pages are delivered. */
  fail(id: string, error: string, how?: FailOptions): Promise<void>;
  /** Asks the crawl to stop, whoever runs it; returns its status then, undefined when there is none. */
  cancel(id: string): Promise<CrawlStatus | undefined>;
  /** Ends a stopping crawl that no worker runs any more: its queued and undelivered pages are dropped. */
  settleCancelled(id: string): Promise<void>;
  /** Puts back a crawl as `failed` that Redis has forgotten, so that its owner learns of it. */
  recordLost(id: string, request: CrawlRequest, error: string): Promise<void>;
}

export interface FailOptions {
  readonly fence?: string;
  readonly stopReason?: StopReason;
}

export interface LedgerDeps {
  readonly redis: Redis;
  readonly now?: () => number;
  readonly keepS: number;
}

export function createLedger({ redis, now = Date.now, keepS }: LedgerDeps): Ledger {
  const scripts = readCrawlScripts();
  const run = (script: Script, id: string, fence: string, args: readonly (string | number)[] = []) =>
    runScript(redis, script, scriptKeys(id), [id, now(), keepS, fence, ...args]);
  const settle = (id: string, pairs: readonly string[]) =>
    run(scripts.settle, id, '', ['cancelled', ...pairs]);

  return {
    submit: (request, idempotency) => submit({ redis, script: scripts.submit }, now(), request, idempotency),
    get: (id) => read(redis, id),
    async request(id) {
      const record = await redis.hgetall(crawlKeys(id).job);
      return record['request'] === undefined ? undefined : requestOf(record);
    },
    list: (cursor, limit) => list(redis, cursor, limit),
    async state(id) {
      const [status, crawled] = await redis.hmget(crawlKeys(id).job, 'status', 'crawled');
      return status ? { status: status as CrawlStatus, isCrawled: crawled === '1' } : undefined;
    },
    activeIds: () => redis.smembers(ACTIVE_KEY),
    async forget(id) {
      await redis.srem(ACTIVE_KEY, id);
    },
    async begin(id) {
      const [kind, fence] = (await run(scripts.begin, id, '')) as [string, string];
      return kind === 'RUN' ? { kind: 'run', fence } : { kind: kind.toLowerCase() as 'stopping' };
    },
    async crawled(id, fence, stopReason, error = '') {
      await run(scripts.crawled, id, fence, [stopReason, error]);
    },
    async fail(id, error, { fence = '', stopReason = '' } = {}) {
      await settleQueued(redis, settle, id);
      await run(scripts.fail, id, fence, [error, stopReason]);
    },
    async cancel(id) {
      const status = (await run(scripts.cancel, id, '')) as CrawlStatus | 'GONE';
      return status === 'GONE' ? undefined : status;
    },
    async settleCancelled(id) {
      await settleQueued(redis, settle, id);
      await run(scripts.cancelled, id, '', [DELIVERY_GROUP]);
    },
    async recordLost(id, request, error) {
      const record = { ...newRecord(request, now()), startedAt: String(now()) };
      await redis.multi().hset(crawlKeys(id).job, record).zadd(INDEX_KEY, 0, id).exec();
      await run(scripts.fail, id, '', [error, 'storage']);
    },
  };
}

async function submit(
  { redis, script }: { readonly redis: Redis; readonly script: Script },
  nowMs: number,
  request: CrawlRequest,
  idempotency: Idempotency | undefined,
): Promise<Submission> {
  const id = createUlid(nowMs);
  const keys = [idempotencyKey(idempotency?.key ?? '-'), crawlKeys(id).job, INDEX_KEY, ACTIVE_KEY];
  const fields = Object.entries(newRecord(request, nowMs)).flat();
  const args = [id, nowMs, idempotency?.bodyHash ?? '', IDEMPOTENCY_MS, MAX_ACTIVE, ...fields];
  const [kind, found] = (await runScript(redis, script, keys, args)) as [string, string];
  if (kind === 'FULL') return { kind: 'full' };
  return { kind: kind.toLowerCase() as 'accepted', id: found };
}

async function read(redis: Redis, id: string): Promise<Crawl | undefined> {
  const [record, ragDown] = await Promise.all([redis.hgetall(crawlKeys(id).job), redis.exists(RAG_DOWN_KEY)]);
  return record['status'] === undefined ? undefined : crawlOf(id, record, ragDown === 1);
}

/** Newest first. The index outlives the records: an id whose record has expired is dropped from it here. */
async function list(redis: Redis, cursor: string | undefined, limit: number) {
  const crawls: Crawl[] = [];
  let before = cursor === undefined ? '+' : `(${cursor}`;
  while (crawls.length < limit) {
    const ids = await redis.zrange(INDEX_KEY, before, '-', 'BYLEX', 'REV', 'LIMIT', 0, limit - crawls.length);
    if (ids.length === 0) return { crawls, next: undefined };
    for (const id of ids) {
      const crawl = await read(redis, id);
      if (crawl === undefined) await redis.zrem(INDEX_KEY, id);
      else crawls.push(crawl);
    }
    before = `(${ids.at(-1)}`;
  }
  return { crawls, next: crawls.at(-1)?.id };
}

/** URLs still in the frontier of a crawl that no worker runs are skipped as `cancelled`. */
async function settleQueued(
  redis: Redis,
  settle: (id: string, pairs: readonly string[]) => Promise<unknown>,
  id: string,
): Promise<void> {
  const pages = crawlKeys(id).pages;
  let cursor = '0';
  do {
    const [next, entries] = await redis.hscan(pages, cursor, 'COUNT', SETTLE_BATCH);
    cursor = next;
    const pairs: string[] = [];
    for (let i = 0; i < entries.length; i += 2) {
      const [url = '', row = ''] = [entries[i], entries[i + 1]];
      const queued = parseQueuedRow(row);
      if (queued !== undefined) {
        pairs.push(url, JSON.stringify(skippedPage(url, queued.depth, 'cancelled')));
      }
    }
    if (pairs.length > 0) await settle(id, pairs);
  } while (cursor !== '0');
}
