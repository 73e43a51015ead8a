import type { PageStatus } from '@xnai/contracts';
import { createRegistry } from '@xnai/resilience';
import { crawl } from './crawl/crawl.ts';
import type { CrawlDeps } from './crawl/crawl-run.ts';
import { createExtractPool } from './extract/extract-pool.ts';
import { createFetcher } from './fetch/fetcher.ts';
import { createRobots } from './fetch/robots.ts';
import { CrawlStopped, createPageLog } from './ledger/page-log.ts';
import { connectRedis } from './redis/connect.ts';
import { guardCalls } from './redis/guard-calls.ts';
import { patiently, StorageLost } from './redis/patiently.ts';
import type { CrawlEnd, CrawlJob, FromChild, ToChild } from './worker/messages.ts';

/** The process of one crawl. It is told what to do over its channel, and ends with it. */

const HEARTBEAT_MS = 1000;
/** Redis may be away for so long before the crawl is left for later. */
const REDIS_PATIENCE_MS = 60_000;

const stopped = new AbortController();
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToChild) => {
  if (message.type === 'stop') stopped.abort(new CrawlStopped('STOPPING'));
  else void run(message.job);
});

function send(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

async function run(job: CrawlJob): Promise<void> {
  let pages: Record<string, number> = {};
  const beat = () => {
    send({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), pages });
    pages = {};
  };
  const heartbeat = setInterval(beat, HEARTBEAT_MS);
  const end = await crawlToEnd(job, (status) => {
    pages[status] = (pages[status] ?? 0) + 1;
  });
  clearInterval(heartbeat);
  beat();
  process.send?.(end, () => process.exit(0));
}

async function crawlToEnd(job: CrawlJob, onPage: (status: PageStatus) => void): Promise<CrawlEnd> {
  await using resources = new AsyncDisposableStack();
  const deps = { ...openDeps(job, resources), onPage };
  try {
    const { stopReason, error } = await crawl(job, deps, stopped.signal);
    return { type: 'finished', stopReason, ...(error === undefined ? {} : { error }) };
  } catch (error) {
    if (error instanceof CrawlStopped) return { type: 'stopped', code: error.code };
    if (error instanceof StorageLost) return { type: 'storage-lost' };
    throw error;
  }
}

function openDeps(job: CrawlJob, resources: AsyncDisposableStack): CrawlDeps {
  const registry = createRegistry({ service: 'crawl' }).define({
    redis: { scope: 'local', window: { kind: 'consecutive', failures: 5 }, openMs: 500, maxOpenMs: 1000 },
  });
  const hosts = registry.family('crawl-host', {
    max: 5000,
    idleMs: 600_000,
    window: { kind: 'consecutive', failures: 8 },
    openMs: 5000,
    maxOpenMs: 60_000,
  });
  const redis = connectRedis(job.redisUrl, 'crawl', 10_000);
  resources.defer(() => redis.disconnect());
  const fetcher = resources.use(createFetcher(job));
  const extractPool = resources.use(createExtractPool({ threads: job.extractThreads }));
  const patience = { breaker: registry.get('redis'), signal: stopped.signal, giveUpMs: REDIS_PATIENCE_MS };
  return {
    fetcher,
    robots: createRobots({ fetcher }),
    extractPool,
    hosts,
    pageLog: guardCalls(createPageLog({ redis, ...job }), (call) => patiently(call, patience)),
    report: (fields, message) => send({ type: 'log', fields, message }),
    memoryMb: job.memoryMb,
  };
}
