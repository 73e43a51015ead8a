import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Breaker } from '@xnai/resilience';
import type { App, Closeable, KeyRing, Logger } from '@xnai/service';
import type { Redis } from 'ioredis';
import { buildApp } from './app.ts';
import { type Breakers, createBreakers } from './breakers.ts';
import { type BrowserWatch, browserSettings, watchBrowser } from './browser/watch-browser.ts';
import { createChecks } from './checks.ts';
import type { CrawlerConfig } from './config.ts';
import { startDelivery } from './deliver/delivery.ts';
import { createOutbox } from './deliver/outbox.ts';
import { createRagClient, type RagClient } from './deliver/rag-client.ts';
import { createFetcher } from './fetch/fetcher.ts';
import { followEvents } from './ledger/crawl-events.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { createPageList } from './ledger/page-list.ts';
import { type CrawlMetrics, createCrawlMetrics } from './metrics.ts';
import { createBullQueue, startBullWorker } from './queue/bullmq.ts';
import type { CrawlWorker } from './queue/crawl-queue.ts';
import { openLate } from './queue/late-queue.ts';
import { createApiGuard } from './redis/api-guard.ts';
import { connectForBlocking, connectRedis } from './redis/connect.ts';
import { type Guard, guardCalls } from './redis/guard-calls.ts';
import { patiently } from './redis/patiently.ts';
import { createScrape, type Scrape, type ScraperDeps } from './scrape.ts';
import { createCrawlWork, type RunCrawl } from './worker/crawl-work.ts';
import { startReconciler } from './worker/reconcile.ts';

export interface CrawlerDeps {
  readonly log: Logger;
  readonly keys: KeyRing;
  /** How a crawl is run: in a process of its own, unless told otherwise. */
  readonly run?: RunCrawl;
}

export interface Crawler {
  readonly app: App;
  /** In the order of opening. */
  readonly closeables: readonly Closeable[];
  readonly browser: BrowserWatch;
}

const DELIVERIES = 6;
const RECONCILE_MS = 5000;
/** Longer than a read of the outbox blocks. */
const BLOCKING_MS = 10_000;

/** The whole service but its port: the API, and behind it the worker and the delivery. */
export async function openCrawler(config: CrawlerConfig, deps: CrawlerDeps): Promise<Crawler> {
  const { log, keys } = deps;
  const breakers = createBreakers(log);
  const closing = new AbortController();
  const redis = connectRedis(config.REDIS_URL, 'crawler', 5000);
  const blocking = connectRedis(config.REDIS_URL, 'crawler-outbox', BLOCKING_MS);
  const guards = createGuards(breakers.get('redis'), closing.signal);
  const keepS = Math.round(config.CRAWL_KEEP / 1000);
  const ledger = createLedger({ redis, keepS });
  const queue = openLate(redis, () => createBullQueue(redis, (err) => log.debug({ err }, 'queue error')));
  const rag = openRag(config, breakers);
  const fetcher = createFetcher({
    userAgent: config.CRAWL_USER_AGENT,
    allowedOrigins: config.CRAWL_ALLOWED_ORIGINS,
  });
  const browser = watchBrowser(config, log);
  const outside = { fetcher, browser, dns: breakers.get('dns') };
  const consumer = `${hostname()}-${process.pid}-${suffix()}`;
  const outbox = createOutbox({ redis, blocking, consumer, keepS });

  const app = await buildApp({
    log,
    keys,
    rateLimitPerMinute: config.XNAI_RATE_LIMIT,
    checks: createChecks({ redis, rag, breakers, browser, workDir: config.CRAWL_WORK_DIR }),
    ledger: guardCalls(ledger, guards.atOnce),
    queue: guardCalls(queue, guards.atOnce),
    scrape: openScrape(config, { ...outside, onEgress: (counts) => metrics.scraped(counts) }),
    ...outside,
    pageList: guardCalls(createPageList({ redis }), guards.atOnce),
    follow: (id, after, signal) => followEvents(redis, id, { after, signal, guard: guards.atOnce }),
  });
  const metrics = createCrawlMetrics(app.metrics, guardCalls(outbox, guards.atOnce));
  const patientOutbox = guardCalls(outbox, guards.patient);
  const delivery = startDelivery({
    outbox: patientOutbox,
    rag,
    log,
    parallel: DELIVERIES,
    idleMs: config.CRAWL_LOCK * 1.5,
    onDelivered: metrics.delivered,
  });
  const reconciler = startReconciler({ ledger, queue }, RECONCILE_MS);
  const worker = startWorker(config, guardCalls(ledger, guards.patient), metrics, { ...deps, browser });

  return {
    app,
    browser,
    closeables: [
      { name: 'redis', close: () => disconnect(redis, blocking) },
      { name: 'browser', close: () => browser.close() },
      { name: 'fetcher', close: () => fetcher.close() },
      { name: 'rag', close: () => rag[Symbol.asyncDispose]() },
      { name: 'queue', close: () => queue.close() },
      { name: 'outbox', close: () => outbox.leave().catch(() => {}) },
      { name: 'delivery', close: () => delivery[Symbol.asyncDispose]() },
      { name: 'patience', close: () => closing.abort(new Error('the service is stopping')) },
      { name: 'reconciler', close: () => reconciler[Symbol.dispose]() },
      { name: 'worker', close: () => worker.close() },
    ],
  };
}

/** `atOnce` for answering requests, `patient` for work that waits for Redis. */
function createGuards(breaker: Breaker, signal: AbortSignal) {
  const patience = { breaker, signal, giveUpMs: Infinity, attemptMs: BLOCKING_MS };
  const patient: Guard = (call) => patiently(call, patience);
  return { atOnce: createApiGuard(breaker), patient };
}

function openRag(config: CrawlerConfig, breakers: Breakers): RagClient {
  return createRagClient({
    url: config.CRAWL_RAG_URL,
    key: config.CRAWL_RAG_KEY,
    connections: DELIVERIES,
    // Tried again by the delivery, which first looks whether the page is still wanted.
    ingest: breakers.pipeline('rag-ingest', { attemptTimeoutMs: 30_000 }),
    health: breakers.pipeline('rag-health', { attemptTimeoutMs: 1000 }),
  });
}

type Outside = Pick<ScraperDeps, 'fetcher' | 'browser' | 'dns' | 'onEgress'>;

function openScrape(config: CrawlerConfig, deps: Outside): Scrape {
  return createScrape({
    ...deps,
    workDir: config.CRAWL_WORK_DIR,
    userAgent: config.CRAWL_USER_AGENT,
    allowedOrigins: config.CRAWL_ALLOWED_ORIGINS,
    atOnce: config.CRAWL_CONCURRENCY,
  });
}

function startWorker(
  config: CrawlerConfig,
  ledger: Ledger,
  metrics: CrawlMetrics,
  { log, run, browser }: CrawlerDeps & { readonly browser: BrowserWatch },
): CrawlWorker {
  const redis = connectForBlocking(config.REDIS_URL, 'crawler-worker');
  const work = createCrawlWork({
    ledger,
    log,
    workDir: config.CRAWL_WORK_DIR,
    entry: new URL('./crawl-child.ts', import.meta.url),
    settings: {
      redisUrl: config.REDIS_URL,
      keepS: Math.round(config.CRAWL_KEEP / 1000),
      outbox: { maxEntries: config.CRAWL_OUTBOX_ENTRIES, maxBytes: config.CRAWL_OUTBOX_BYTES },
      userAgent: config.CRAWL_USER_AGENT,
      allowedOrigins: config.CRAWL_ALLOWED_ORIGINS,
      memoryMb: Math.round(config.CRAWL_MEMORY / 1024 ** 2),
      extractThreads: config.CRAWL_EXTRACT_THREADS,
      browserPages: config.CRAWL_BROWSER_PAGES,
    },
    browser: async () => browserSettings(await browser.probe()),
    onHeartbeat: metrics.heartbeat,
    onEnd: metrics.ended,
    ...(run === undefined ? {} : { run }),
  });
  return startBullWorker(redis, {
    concurrency: config.CRAWL_CONCURRENCY,
    lockMs: config.CRAWL_LOCK,
    work,
    onError: (err) => log.debug({ err }, 'queue error'),
  });
}

function disconnect(...connections: readonly Redis[]): void {
  for (const redis of connections) redis.disconnect();
}

function suffix(): string {
  return randomBytes(3).toString('hex');
}
