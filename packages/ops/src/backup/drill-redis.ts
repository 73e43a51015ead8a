import { existsSync } from 'node:fs';
import { CrawlStatus } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { BackupError } from './backup-error.ts';
import type { DrillCheck } from './drill-check.ts';
import { startSecondRedis } from './second-redis.ts';

/** As the crawler names them. */
const CRAWLS = 'xnai:crawl:';
const QUEUE = '{xnai:crawl}:crawls:';
const ENDED: ReadonlySet<CrawlStatus> = new Set([
  'completed',
  'completed_with_errors',
  'failed',
  'cancelled',
]);

const CrawlRecord = z.object({ status: CrawlStatus, url: z.url(), collection: z.string() });

/** Tries the queue and the records of crawls in a Redis of their own. None where the backup has no data of a Redis. */
export async function checkRedis(folder: string, signal: AbortSignal): Promise<readonly DrillCheck[]> {
  if (!existsSync(folder)) return [];
  try {
    await using redis = await startSecondRedis(folder, signal);
    const detail = 'not tried: no redis-server is installed here';
    return [
      redis === undefined ? { name: 'redis', isPassed: true, detail } : await checkCrawls(redis.client),
    ];
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    return [{ name: 'redis', isPassed: false, detail: error.message }];
  }
}

/** A crawl that goes on must have its record; that of an older one may have reached its end of days meanwhile. */
async function checkCrawls(redis: Redis): Promise<DrillCheck> {
  const ids = await redis.zrange(`${CRAWLS}index`, '0', '-1');
  const active = await redis.smembers(`${CRAWLS}active`);
  const records = await Promise.all(
    [...new Set([...ids, ...active])].map(async (id) => ({
      id,
      record: await redis.hgetall(`${CRAWLS}job:${id}`),
    })),
  );
  const there = records.filter(({ id, record }) => Object.keys(record).length > 0 || active.includes(id));
  const read = there.map(({ id, record }) => ({ id, crawl: CrawlRecord.safeParse(record).data }));
  const unreadable = read.filter(({ crawl }) => crawl === undefined).map(({ id }) => id);
  if (unreadable.length > 0)
    return {
      name: 'redis',
      isPassed: false,
      detail: `crawls without a readable record: ${unreadable.join(', ')}`,
    };
  const open = read.filter(({ crawl }) => crawl !== undefined && !ENDED.has(crawl.status));
  const pages = await redis.xlen(`${CRAWLS}outbox`);
  const jobs = (await redis.llen(`${QUEUE}wait`)) + (await redis.llen(`${QUEUE}active`));
  const detail = `${read.length} crawls, ${open.length} of them open, ${jobs} in the queue, ${pages} pages wait for rag`;
  return { name: 'redis', isPassed: true, detail };
}
