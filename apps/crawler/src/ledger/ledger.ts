import type { Crawl, CrawlRequest, CrawlStatus, StopReason } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { type LostCrawl, lostRecord } from './lost-record.ts';
import { crawlOf, newRecord, requestOf } from './record.ts';
import { parseQueuedRow, scanRows, skippedPage } from './rows.ts';
import {
  ACTIVE_KEY,
  type CrawlScripts,
  crawlKeys,
  INDEX_KEY,
  idempotencyKey,
  openScripts,
  RAG_DOWN_KEY,
  WEBHOOKS_KEY,
} from './scripts.ts';
import { createUlid } from './ulid.ts';

/** The consumer group that reads the outbox. */
export const DELIVERY_GROUP = 'deliver';

const IDEMPOTENCY_MS = 24 * 3_600_000;
const MAX_ACTIVE = 1000;

/** Hashes in hex: `key` of the `Idempotency-Key` header and its caller, `bodyHash` of the request's body. */
export interface Idempotency {
  readonly key: string;
  readonly bodyHash: string;
}

export type Submission =
  | { readonly kind: 'accepted' | 'replayed' | 'reused'; readonly id: string }
  | { readonly kind: 'full' };

/** The answer to a worker that claims a crawl. */
export type Claim =
  | { readonly kind: 'run'; readonly fence: string }
  | { readonly kind: 'stopping' | 'done' | 'gone' };

export interface JobState {
  readonly status: CrawlStatus;
  /** Nothing more will be fetched; rag may still have to acknowledge pages. */
  readonly isCrawled: boolean;
}

/** The records of crawls in Redis. Every method throws ioredis's error when Redis cannot be reached. */
export interface Ledger {
  submit(request: CrawlRequest, idempotency?: Idempotency): Promise<Submission>;
  get(id: string): Promise<Crawl | undefined>;
  request(id: string): Promise<CrawlRequest | undefined>;
  list(cursor: string | undefined, limit: number): Promise<{ crawls: Crawl[]; next: string | undefined }>;
  state(id: string): Promise<JobState | undefined>;
  activeIds(): Promise<string[]>;
  /** Removes an id without a record from the active set. */
  forget(id: string): Promise<void>;
  /** Gives the crawl to a worker and fences off the worker that had it before. */
  claim(id: string): Promise<Claim>;
  /**
   * Notes that nothing more will be fetched. The crawl completes once its waiting pages are delivered. False, and nothing
   * is noted, when Redis has been restarted since the claim: it may have lost what the worker was told had been written.
   */
  markCrawled(id: string, fence: string, end: CrawledEnd): Promise<boolean>;
  /** Ends the crawl as `failed` once its waiting pages are delivered. */
  fail(id: string, error: string, how?: FailOptions): Promise<void>;
  /** Asks the worker of the crawl to stop. Returns the status after that; undefined without a crawl of this id. */
  cancel(id: string): Promise<CrawlStatus | undefined>;
  /** Ends a stopping crawl that has no worker any more: its queued and undelivered pages are dropped. */
  endCancelled(id: string): Promise<void>;
  /** Records a crawl that Redis has lost as `failed`, so that its owner learns of it. */
  recordLost(id: string, lost: LostCrawl, error: string): Promise<void>;
}

export interface CrawledEnd {
  readonly stopReason: StopReason;
  readonly error?: string | undefined;
  readonly warning?: string | undefined;
}

export interface FailOptions {
  readonly fence?: string;
  readonly stopReason?: StopReason;
}

export interface LedgerDeps {
  readonly redis: Redis;
  readonly keepS: number;
}

export function createLedger({ redis, keepS }: LedgerDeps): Ledger {
  const scripts = openScripts(redis, keepS);

  /** Skips the URLs that still wait, as `cancelled`. To be called for a crawl without a worker. */
  async function skipQueued(id: string): Promise<void> {
    for await (const rows of scanRows(redis, crawlKeys(id).pages)) {
      const skipped = rows.flatMap(([url, row]) => {
        const queued = parseQueuedRow(row);
        return queued === undefined ? [] : [url, JSON.stringify(skippedPage(url, queued.depth, 'cancelled'))];
      });
      if (skipped.length > 0) await scripts.run('skip', { id }, ['cancelled', ...skipped]);
    }
  }

  return {
    submit: (request, idempotency) => submit(scripts, request, idempotency),
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
    async claim(id) {
      const [kind, fence] = (await scripts.run('begin', { id })) as [Claim['kind'], string];
      return kind === 'run' ? { kind, fence } : { kind };
    },
    async markCrawled(id, fence, { stopReason, error = '', warning = '' }) {
      return (await scripts.run('crawled', { id, fence }, [stopReason, error, warning])) !== 'RESTARTED';
    },
    async fail(id, error, { fence = '', stopReason = '' } = {}) {
      await skipQueued(id);
      await scripts.run('fail', { id, fence }, [error, stopReason]);
    },
    async cancel(id) {
      const status = (await scripts.run('cancel', { id })) as CrawlStatus | 'GONE';
      return status === 'GONE' ? undefined : status;
    },
    async endCancelled(id) {
      await skipQueued(id);
      await scripts.run('cancelled', { id }, [DELIVERY_GROUP]);
    },
    async recordLost(id, lost, error) {
      const record = lostRecord(lost, Date.now());
      await redis.multi().hset(crawlKeys(id).job, record).zadd(INDEX_KEY, 0, id).exec();
      await scripts.run('fail', { id }, [error, 'redis-lost']);
    },
  };
}

async function submit(
  scripts: CrawlScripts,
  request: CrawlRequest,
  idempotency: Idempotency | undefined,
): Promise<Submission> {
  const nowMs = Date.now();
  const id = createUlid(nowMs);
  const keys = [
    idempotencyKey(idempotency?.key ?? '-'),
    crawlKeys(id).job,
    INDEX_KEY,
    ACTIVE_KEY,
    WEBHOOKS_KEY,
  ];
  const fields = Object.entries(newRecord(request, nowMs)).flat();
  const isHooked = request.webhook === undefined ? '0' : '1';
  const args = [id, nowMs, idempotency?.bodyHash ?? '', IDEMPOTENCY_MS, MAX_ACTIVE, isHooked, ...fields];
  const [kind, found] = (await scripts.submit(keys, args)) as [Submission['kind'], string];
  return kind === 'full' ? { kind } : { kind, id: found };
}

async function read(redis: Redis, id: string): Promise<Crawl | undefined> {
  const [record, ragDown] = await Promise.all([redis.hgetall(crawlKeys(id).job), redis.exists(RAG_DOWN_KEY)]);
  return record['status'] === undefined ? undefined : crawlOf(id, record, ragDown === 1);
}

/** Newest first. The index outlives the records, so that ids without a record are removed from it here. */
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
