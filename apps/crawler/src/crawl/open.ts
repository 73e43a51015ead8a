import type { PageStatus } from '@xnai/contracts';
import { createFetcher, createRobots, type Egress, openEgress } from '@xnai/egress';
import { fromJobData } from '@xnai/resilience';
import { openRenderer, type Renderer } from '../browser/open-renderer.ts';
import { createPageFetcher } from '../browser/page-fetcher.ts';
import { createRenderMemory } from '../browser/render-memory.ts';
import { renderMode } from '../browser/render-mode.ts';
import { createExtractPool } from '../extract/extract-pool.ts';
import { createCrawlerRegistry, createHosts, guardStreams } from '../hosts.ts';
import { CrawlStopped, createPageLog } from '../ledger/page-log.ts';
import { connectRedis } from '../redis/connect.ts';
import { guardCalls, patiently, StorageLost } from '../redis/guards.ts';
import { createHostGate } from '../redis/host-gate.ts';
import { noteDeniedRequests } from './denied-requests.ts';
import type { Ask } from './known-pages.ts';
import type { CrawlEnd, CrawlJob, Heartbeat } from './messages.ts';
import type { CrawlDeps } from './run.ts';
import { crawlSite } from './site.ts';

export interface RunJobOptions {
  /** Aborted to stop the crawl. */
  readonly signal: AbortSignal;
  readonly ask: Ask;
  /** Called every second, and once more when the crawl has ended. */
  readonly onHeartbeat: (heartbeat: Heartbeat) => void;
  readonly onLog: (fields: object, message: string) => void;
  readonly onBrowserFailed: () => void;
  /** Called when everything that listens on a port has been opened. */
  readonly onOpened?: () => void;
}

/** The crawl is left for another worker after Redis was away for this long. */
const REDIS_PATIENCE_MS = 60_000;
const REDIS_COMMAND_MS = 10_000;
const HEARTBEAT_MS = 1000;

/** Runs one crawl: opens everything that it needs, and closes it afterwards. */
export async function runJob(job: CrawlJob, options: RunJobOptions): Promise<CrawlEnd> {
  using heartbeat = startHeartbeat(options.onHeartbeat);
  await using resources = new AsyncDisposableStack();
  try {
    const deps = await openDeps(job, { ...options, heartbeat, resources });
    return { type: 'finished', ...(await crawlSite(job, deps, options.signal)) };
  } catch (error) {
    if (error instanceof CrawlStopped) return { type: 'stopped', code: error.code };
    if (error instanceof StorageLost) return { type: 'storage-lost' };
    if (options.signal.aborted) return { type: 'stopped', code: 'STOPPING' };
    throw error;
  }
}

function startHeartbeat(send: RunJobOptions['onHeartbeat']) {
  let pages: Record<string, number> = {};
  let egress: Pick<Egress, 'counts'> | undefined;
  const beat = () => {
    send({ type: 'heartbeat', rssBytes: process.memoryUsage.rss(), pages, egress: egress?.counts() });
    pages = {};
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  return {
    countPage(status: PageStatus) {
      pages[status] = (pages[status] ?? 0) + 1;
    },
    watch(opened: Pick<Egress, 'counts'>) {
      egress = opened;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      beat();
    },
  };
}

interface OpenOptions extends RunJobOptions {
  readonly heartbeat: ReturnType<typeof startHeartbeat>;
  readonly resources: AsyncDisposableStack;
}

async function openDeps(
  job: CrawlJob,
  { signal, ask, onLog, onBrowserFailed, onOpened, heartbeat, resources }: OpenOptions,
): Promise<CrawlDeps> {
  const registry = createCrawlerRegistry(job.breakerRedisUrl).define({
    redis: { scope: 'local', window: { kind: 'consecutive', failures: 5 }, openMs: 500, maxOpenMs: 1000 },
  });
  resources.use(registry);
  const hosts = createHosts(registry);
  await registry.start();
  const redis = connectRedis(job.redisUrl, 'crawl', REDIS_COMMAND_MS);
  resources.defer(() => redis.disconnect());
  const patience = { breaker: registry.get('redis'), signal, giveUpMs: REDIS_PATIENCE_MS };
  const pageLog = guardCalls(createPageLog({ redis, ...job }), (call) => patiently(call, patience));
  const denied = resources.use(noteDeniedRequests(pageLog));
  const egress = resources.use(await openEgress({ ...job, onRefusal: denied.note }));
  onOpened?.();
  heartbeat.watch(egress);
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
      render: renderMode(job.request),
      waitFor: job.request.waitFor,
      report: onLog,
      onDegraded: (token) => pageLog.noteDegraded(token),
      onBrowserFailed,
    }),
    robots: createRobots({ fetcher: guarded }),
    extractPool,
    hosts,
    gate: guardCalls(createHostGate(redis), (call) => patiently(call, patience)),
    pageLog,
    noteDenied: denied.noteUrl,
    ask,
    report: onLog,
    onPage: heartbeat.countPage,
    memoryMb: job.memoryMb,
    deadline: fromJobData(job),
  };
}

/** The browser starts with the first page that needs it. */
function openJobRenderer(
  { browser, workDir, userAgent, browserPages }: CrawlJob,
  egress: Egress,
  resources: AsyncDisposableStack,
): Renderer | undefined {
  if (browser === undefined) return undefined;
  const caps = { pagesAtOnce: browserPages };
  return resources.use(openRenderer({ settings: browser, egress, workDir, userAgent, caps }));
}
