import type { PageStatus } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import { createFetcher, createRobots, type Egress, openEgress } from '@xnai/egress';
import { createRegistry, fromJobData } from '@xnai/resilience';
import { openRenderer, type Renderer } from '../browser/open-renderer.ts';
import { createPageFetcher } from '../browser/page-fetcher.ts';
import { createRenderMemory } from '../browser/render-memory.ts';
import { createExtractPool } from '../extract/extract-pool.ts';
import { createHosts, guardStreams } from '../hosts.ts';
import { CrawlStopped, createPageLog } from '../ledger/page-log.ts';
import { connectRedis } from '../redis/connect.ts';
import { guardCalls, patiently, StorageLost } from '../redis/guards.ts';
import { noteDeniedRequests } from './denied-requests.ts';
import type { CrawlEnd, CrawlJob } from './messages.ts';
import type { CrawlDeps } from './run.ts';
import { crawlSite } from './site.ts';

export interface RunJobOptions {
  /** Aborted with a `CrawlStopped`. */
  readonly signal: AbortSignal;
  readonly onPage: (status: PageStatus) => void;
  readonly report: (fields: object, message: string) => void;
  /** Given once, to be asked at any time what went out and in so far. */
  readonly onEgress?: (counts: () => EgressCounts) => void;
}

/** Redis may be away for so long before the crawl is left for later. */
const REDIS_PATIENCE_MS = 60_000;
const REDIS_COMMAND_MS = 10_000;

/** One crawl with everything it needs, opened before it and closed after it. */
export async function runJob(job: CrawlJob, options: RunJobOptions): Promise<CrawlEnd> {
  await using resources = new AsyncDisposableStack();
  const deps = await openDeps(job, options, resources);
  try {
    const { stopReason, error } = await crawlSite(job, deps, options.signal);
    return { type: 'finished', stopReason, ...(error === undefined ? {} : { error }) };
  } catch (error) {
    if (error instanceof CrawlStopped) return { type: 'stopped', code: error.code };
    if (error instanceof StorageLost) return { type: 'storage-lost' };
    throw error;
  }
}

async function openDeps(
  job: CrawlJob,
  { signal, onPage, report, onEgress }: RunJobOptions,
  resources: AsyncDisposableStack,
): Promise<CrawlDeps> {
  const registry = createRegistry({ service: 'crawl' }).define({
    redis: { scope: 'local', window: { kind: 'consecutive', failures: 5 }, openMs: 500, maxOpenMs: 1000 },
  });
  const hosts = createHosts(registry);
  const redis = connectRedis(job.redisUrl, 'crawl', REDIS_COMMAND_MS);
  resources.defer(() => redis.disconnect());
  const patience = { breaker: registry.get('redis'), signal, giveUpMs: REDIS_PATIENCE_MS };
  const pageLog = guardCalls(createPageLog({ redis, ...job }), (call) => patiently(call, patience));
  const denied = resources.use(noteDeniedRequests(pageLog));
  const egress = resources.use(await openEgress({ ...job, onRefusal: denied.note }));
  onEgress?.(egress.counts);
  const fetcher = resources.use(createFetcher({ ...job, egress }));
  const extractPool = resources.use(createExtractPool({ threads: job.extractThreads }));
  const renderer = openJobRenderer(job, egress, resources);
  const memory = createRenderMemory({ redis });
  const guarded = guardStreams(hosts, fetcher);
  return {
    fetcher: guarded,
    pages: createPageFetcher({
      fetcher,
      renderer,
      memory,
      render: job.request.render,
      report,
      onDegraded: (token) => pageLog.noteDegraded(token),
    }),
    robots: createRobots({ fetcher: guarded }),
    extractPool,
    hosts,
    pageLog,
    report,
    onPage,
    memoryMb: job.memoryMb,
    deadline: fromJobData(job),
  };
}

/** Nothing is started before a page needs it. */
function openJobRenderer(
  { browser, workDir, userAgent, browserPages }: CrawlJob,
  egress: Egress,
  resources: AsyncDisposableStack,
): Renderer | undefined {
  if (browser === undefined) return undefined;
  const caps = { pagesAtOnce: browserPages };
  return resources.use(openRenderer({ settings: browser, egress, workDir, userAgent, caps }));
}
