import { type Batch, BatchPage, BatchRequest } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { createUlid } from '../ledger/ulid.ts';
import { confirmed } from '../redis/confirmed.ts';
import { createDueSet, type DueSet } from '../redis/due-set.ts';

const PREFIX = 'xnai:crawl:batch';
/** Unfinished ones. */
const MAX_BATCHES = 100;
/** Of the pages of one batch. */
const MAX_BYTES = 32 * 1024 ** 2;

/** A batch as it was asked for, checked, and whether its error pages are taken too (`PageRequest`). */
const StoredBatch = z.strictObject({ ...BatchRequest.shape, takesErrorPages: z.boolean().optional() });
export type StoredBatch = z.infer<typeof StoredBatch>;

/** The batches in Redis: what was asked, and what has come. */
export interface BatchStore {
  readonly due: DueSet;
  /** Id of the new batch; undefined when there are too many. */
  add(request: StoredBatch): Promise<string | undefined>;
  request(id: string): Promise<StoredBatch | undefined>;
  get(id: string): Promise<Batch | undefined>;
  /** Index of the first URL without a result, which they get in their order; undefined when all have one or the batch was cancelled. */
  next(id: string, total: number): Promise<number | undefined>;
  save(id: string, index: number, page: BatchPage): Promise<void>;
  finish(id: string): Promise<void>;
  cancel(id: string): Promise<void>;
  /** Those of the URLs from `start` on that have a result. */
  pages(id: string, start: number, count: number): Promise<BatchPage[]>;
}

/** @param keepS how long a batch is kept after its last page, in seconds */
export function createBatchStore(redis: Redis, keepS: number): BatchStore {
  const due = createDueSet(redis, `${PREFIX}es`);
  const keyOf = (id: string) => `${PREFIX}:${id}`;
  const pagesOf = (id: string) => `${PREFIX}:pages:${id}`;
  return {
    due,
    async add(request) {
      if ((await due.size()) >= MAX_BATCHES) return undefined;
      const nowMs = Date.now();
      const id = createUlid(nowMs);
      const record = { request: JSON.stringify(request), total: request.urls.length, createdAt: nowMs };
      return confirmed(redis, async () => {
        await redis.multi().hset(keyOf(id), record).expire(keyOf(id), keepS).exec();
        await due.add(id, nowMs);
        return id;
      });
    },
    async request(id) {
      const text = await redis.hget(keyOf(id), 'request');
      return text === null ? undefined : StoredBatch.parse(JSON.parse(text));
    },
    async get(id) {
      const [record, done] = await Promise.all([redis.hgetall(keyOf(id)), redis.hlen(pagesOf(id))]);
      return record['total'] === undefined ? undefined : toBatch(id, record, done);
    },
    async next(id, total) {
      if ((await redis.hexists(keyOf(id), 'cancelled')) === 1) return undefined;
      const done = await redis.hlen(pagesOf(id));
      return done < total ? done : undefined;
    },
    async save(id, index, page) {
      const text = JSON.stringify(page);
      const held = await redis.hincrby(keyOf(id), 'bytes', text.length);
      const isKept = held <= MAX_BYTES;
      const detail = `The pages of a batch may hold ${MAX_BYTES / 1024 ** 2} MiB together`;
      const kept = isKept ? text : JSON.stringify({ url: page.url, error: { code: 'STORAGE_FULL', detail } });
      const isFailed = !isKept || page.error !== undefined;
      await redis
        .multi()
        .hincrby(keyOf(id), 'failed', isFailed ? 1 : 0)
        .hset(pagesOf(id), index, kept)
        .expire(pagesOf(id), keepS)
        .expire(keyOf(id), keepS)
        .exec();
    },
    async finish(id) {
      await redis.hset(keyOf(id), 'finishedAt', Date.now());
      await due.remove(id);
    },
    async cancel(id) {
      await confirmed(redis, async () => {
        await redis.hsetnx(keyOf(id), 'cancelled', '1');
        await redis.hsetnx(keyOf(id), 'finishedAt', Date.now());
        await due.remove(id);
      });
    },
    async pages(id, start, count) {
      const fields = Array.from({ length: count }, (_, offset) => start + offset);
      const rows = await redis.hmget(pagesOf(id), ...fields.map(String));
      return rows.flatMap((row) => (row === null ? [] : [BatchPage.parse(JSON.parse(row))]));
    },
  };
}

function toBatch(id: string, record: Record<string, string>, done: number): Batch {
  const { total, failed = 0, createdAt, finishedAt, cancelled } = record;
  const isoOf = (ms: string | undefined) => (ms === undefined ? null : new Date(Number(ms)).toISOString());
  return {
    id,
    status: cancelled === '1' ? 'cancelled' : finishedAt === undefined ? 'running' : 'completed',
    total: Number(total),
    done,
    failed: Number(failed),
    createdAt: isoOf(createdAt) ?? '',
    finishedAt: isoOf(finishedAt),
  };
}
