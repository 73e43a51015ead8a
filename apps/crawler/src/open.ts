import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createRagClient } from '@xnai/contracts/client';
import { openNodeTransport } from '@xnai/contracts/node-transport';
import { createFetcher } from '@xnai/egress';
import {
  type Breaker,
  type Deadline,
  deadlineIn,
  type Resource,
  type ResourceSource,
  redisMemory,
} from '@xnai/resilience';
import {
  type App,
  type AuditLog,
  type Closeable,
  createApp,
  type KeyRing,
  type Logger,
  memorySources,
  openSharedBudget,
  rateLimitsOf,
  type Tracing,
} from '@xnai/service';
import { traceTransport } from '@xnai/service/trace';
import type { Redis } from 'ioredis';
import { addRoutes } from './app.ts';
import { createBatchStore } from './batch/batch-store.ts';
import { runBatches } from './batch/run-batches.ts';
import { type Breakers, BUDGETS, createBreakers } from './breakers.ts';
import { type BrowserWatch, browserSettings, watchBrowser } from './browser/watch-browser.ts';
import { createChecks } from './checks.ts';
import type { CrawlerConfig } from './config.ts';
import { startDelivery } from './deliver/delivery.ts';
import { type GuardedRag, guardRag } from './deliver/guarded-rag.ts';
import { createOutbox } from './deliver/outbox.ts';
import { createHosts } from './hosts.ts';
import { answerQuestions } from './jobs/answer-questions.ts';
import { createCrawlProcesses } from './jobs/crawl-processes.ts';
import { type CrawlWorker, openQueue, startWorker } from './jobs/queue.ts';
import { reconcile } from './jobs/reconcile.ts';
import { createCrawlWork, type RunCrawl } from './jobs/supervise.ts';
import { hasRoom, waitForRoom } from './jobs/wait-for-memory.ts';
import { followEvents } from './ledger/events.ts';
import { createLedger, type Ledger } from './ledger/ledger.ts';
import { createResults } from './ledger/results.ts';
import { timeOfUlid } from './ledger/ulid.ts';
import { type CrawlMetrics, createCrawlMetrics } from './metrics.ts';
import { startPolling } from './poll.ts';
import { createApiGuard } from './redis/api-guard.ts';
import { connectForBlocking, connectRedis } from './redis/connect.ts';
import { type Guard, guardCalls, patiently } from './redis/guards.ts';
import { createHostGate } from './redis/host-gate.ts';
import { openSchedules } from './schedules/open-schedules.ts';
import { openScheduleFile } from './schedules/schedule-file.ts';
import { createSendOut, type SendOut, type SendOutDeps } from './scrape/send-out.ts';
import { openWebhooks, type Webhooks } from './webhooks/open-webhooks.ts';

export interface CrawlerDeps {
  readonly log: Logger;
  readonly keys: KeyRing;
  readonly audit: AuditLog;
  /** Default: traces are off. */
  readonly tracing?: Tracing | undefined;
  /** Runs one crawl. Default: in a process of its own. */
  readonly run?: RunCrawl;
  /** Sources of memory readings. Default: this machine and Redis. */
  readonly sources?: readonly ResourceSource[];
}

export interface Crawler {
  readonly app: App;
  /** In the order of opening. */
  readonly closeables: readonly Closeable[];
  readonly browser: BrowserWatch;
}

const DELIVERIES = 6;
const PUT_MS = 30_000;
const RECONCILE_MS = 5000;
/** Command timeout of the connection whose reads of the outbox block; longer than they do. */
const BLOCKING_MS = 10_000;

/** Wires the whole service except its port: the API, and behind it the worker and the delivery. */
export async function openCrawler(config: CrawlerConfig, deps: CrawlerDeps): Promise<Crawler> {
  const { log, keys, audit } = deps;
  const file = await openScheduleFile(schedulesFileOf(config));
  const { breakers, budget } = openBreakers(config, log);
  const storage = openStorage(config, breakers, log);
  const { redis, ledger, queue, outbox, guards } = storage;
  const memory = watchMemory(config, deps, { breakers, redis });
  const rag = openRag(config, breakers);
  const outside = openOutside(config, breakers, log);
  const deadlineOf = deadlinesOf(config);
  const webhooks = openHooks(config, redis, log);
  await breakers.start();

  const app = await createApp({
    name: 'crawler',
    version: '0.2.0',
    log,
    keys,
    audit,
    tracing: deps.tracing,
    checks: createChecks({ ...outside, redis, rag, breakers, workDir: config.CRAWL_WORK_DIR }),
    corsOrigins: config.XNAI_CORS_ORIGINS,
    trustedProxies: config.XNAI_TRUSTED_PROXIES,
    rateLimits: rateLimitsOf(config),
    sharedBudget: budget,
  });
  const metrics = createCrawlMetrics(app.metrics, guardCalls(outbox, guards.atOnce));
  const records = { ...storage, ledger: guardCalls(ledger, guards.patient) };
  const repeated = openSchedules({ ...records, redisUrl: config.REDIS_URL, file, deadlineOf, log });
  const sendOut = openSendOut(config, { ...outside, memory, metrics, gate: storage.gate });
  await addRoutes(app, {
    corsOrigins: config.XNAI_CORS_ORIGINS,
    ...outside,
    schedules: guardCalls(repeated.schedules, guards.atOnce),
    ...recordsAtOnce(storage),
    sendOut,
    documentOf: rag.document,
    keepMs: config.CRAWL_KEEP,
    webhooks: { ...webhooks, queue: guardCalls(webhooks.queue, guards.atOnce) },
    breakers,
    memory,
    deadlineOf,
  });

  const parts = { storage, rag, memory, metrics, repeated, webhooks, sendOut, breakers, deadlineOf };
  return {
    app,
    browser: outside.browser,
    closeables: [
      { name: 'redis', close: storage.close },
      { name: 'breakers', close: () => breakers.close() },
      { name: 'budgets', close: async () => budget?.[Symbol.asyncDispose]() },
      { name: 'browser', close: () => outside.browser.close() },
      { name: 'fetcher', close: () => outside.fetcher.close() },
      { name: 'rag', close: () => rag[Symbol.dispose]() },
      { name: 'queue', close: () => queue.close() },
      { name: 'outbox', close: () => outbox.leave().catch(() => {}) },
      ...startBackground(config, deps, { ...parts, ...outside }),
    ],
  };
}

/** The records in Redis for those who wait for an answer. */
function recordsAtOnce({ redis, ledger, queue, batches, guards }: ReturnType<typeof openStorage>) {
  const guard = guards.atOnce;
  return {
    ledger: guardCalls(ledger, guard),
    queue: guardCalls(queue, guard),
    results: guardCalls(createResults({ redis }), guard),
    batches: guardCalls(batches, guard),
    follow: (id: string, after: string | undefined, signal: AbortSignal) =>
      followEvents(redis, id, { after, signal, guard }),
  };
}

interface BackgroundParts extends WorkerDeps {
  readonly storage: ReturnType<typeof openStorage>;
  readonly metrics: CrawlMetrics;
  readonly repeated: ReturnType<typeof openSchedules>;
  readonly webhooks: Webhooks;
  readonly sendOut: SendOut;
  readonly breakers: Breakers;
  readonly deadlineOf: (id: string) => Deadline;
}

/** All that works without being asked. */
function startBackground(
  config: CrawlerConfig,
  deps: CrawlerDeps,
  { storage, metrics, repeated, webhooks, sendOut, breakers, deadlineOf, ...parts }: BackgroundParts,
): Closeable[] {
  const { ledger, queue, outbox, guards } = storage;
  const delivery = startDelivery({
    outbox: guardCalls(outbox, guards.patient),
    rag: parts.rag,
    log: deps.log,
    parallel: DELIVERIES,
    idleMs: config.CRAWL_LOCK * 1.5,
    onDelivered: metrics.delivered,
  });
  const hooks = webhooks.start({ registry: breakers, ledger });
  const batches = runBatches({ store: storage.batches, sendOut, log: deps.log });
  const mend = () => reconcile({ ledger, queue, deadlineOf }).then(() => repeated.schedules.restore());
  const reconciler = startPolling(mend, RECONCILE_MS);
  const worker = startCrawls(config, guardCalls(ledger, guards.patient), metrics, { ...deps, ...parts });
  return [
    { name: 'delivery', close: () => closeDelivery(delivery, storage.giveUp) },
    { name: 'webhooks', close: () => hooks[Symbol.asyncDispose]() },
    { name: 'batches', close: () => batches[Symbol.asyncDispose]() },
    { name: 'schedules', close: () => repeated.timers.close() },
    { name: 'reconciler', close: () => reconciler[Symbol.dispose]() },
    { name: 'worker', close: () => worker.close() },
  ];
}

/** Stops the delivery before its waits for Redis are given up, so that it does not count that as a failure. */
function closeDelivery(delivery: AsyncDisposable, giveUp: () => void): PromiseLike<void> {
  const closed = delivery[Symbol.asyncDispose]();
  giveUp();
  return closed;
}

function openBreakers(config: CrawlerConfig, logger: Logger) {
  const isReplica = config.XNAI_REPLICA !== undefined;
  const breakers = createBreakers({ logger, redisUrl: breakerUrlOf(config), isReplica });
  const breaker = breakers.find(BUDGETS);
  /** Undefined: this process counts the requests of a key by itself. */
  const budget = breaker && openSharedBudget({ url: config.REDIS_URL, prefix: 'xnai:crawl:limit:', breaker });
  return { breakers, budget };
}

function deadlinesOf({ CRAWL_MAX_TIME }: CrawlerConfig) {
  return (id: string) => deadlineIn(timeOfUlid(id) + CRAWL_MAX_TIME - Date.now());
}

function schedulesFileOf({ CRAWL_SCHEDULES_FILE, XNAI_DATA_DIR }: CrawlerConfig): string {
  return CRAWL_SCHEDULES_FILE ?? join(XNAI_DATA_DIR, 'schedules.json');
}

function breakerUrlOf({ REDIS_BREAKER_URL, REDIS_URL }: CrawlerConfig): string {
  return REDIS_BREAKER_URL ?? REDIS_URL;
}

/** The parts that keep their data in Redis. */
function openStorage(config: CrawlerConfig, breakers: Breakers, log: Logger) {
  const closing = new AbortController();
  const redis = connectRedis(config.REDIS_URL, 'crawler', 5000);
  const blocking = connectRedis(config.REDIS_URL, 'crawler-outbox', BLOCKING_MS);
  const keepS = Math.round(config.CRAWL_KEEP / 1000);
  const consumer = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const guards = createGuards(breakers.get('redis'), closing.signal);
  return {
    redis,
    guards,
    gate: guardCalls(createHostGate(redis), guards.atOnce),
    ledger: createLedger({ redis, keepS }),
    queue: openQueue(redis, (err) => log.debug({ err }, 'queue error')),
    batches: createBatchStore(redis, keepS),
    outbox: createOutbox({ redis, blocking, consumer, keepS }),
    giveUp: () => closing.abort(new Error('the service is stopping')),
    close() {
      for (const connection of [redis, blocking]) connection.disconnect();
    },
  };
}

function openOutside(config: CrawlerConfig, breakers: Breakers, log: Logger) {
  const { CRAWL_USER_AGENT: userAgent, CRAWL_ALLOWED_ORIGINS: allowedOrigins } = config;
  return {
    fetcher: createFetcher({ userAgent, allowedOrigins }),
    browser: watchBrowser(config, log),
    dns: breakers.get('dns'),
    hosts: createHosts(breakers),
  };
}

function openHooks(config: CrawlerConfig, redis: Redis, log: Logger): Webhooks {
  return openWebhooks(redis, {
    userAgent: config.CRAWL_USER_AGENT,
    allowedOrigins: config.CRAWL_WEBHOOK_ORIGINS,
    secretsFile: config.CRAWL_WEBHOOK_SECRETS_FILE,
    keepS: Math.round(config.CRAWL_KEEP / 1000),
    log,
  });
}

function watchMemory(
  { CRAWL_WORK_DIR, LOG_DIR }: CrawlerConfig,
  { sources }: CrawlerDeps,
  { breakers, redis }: { readonly breakers: Breakers; readonly redis: Redis },
): Resource {
  const here = [
    ...memorySources([CRAWL_WORK_DIR, LOG_DIR]),
    // Redis holds the outbox.
    redisMemory(() => redis.info('memory')),
  ];
  return breakers.resource('memory', { sources: sources ?? here });
}

/** `atOnce` is for answering requests, `patient` for background work. */
function createGuards(breaker: Breaker, signal: AbortSignal) {
  const patience = { breaker, signal, giveUpMs: Infinity, attemptMs: BLOCKING_MS };
  const patient: Guard = (call) => patiently(call, patience);
  return { atOnce: createApiGuard(breaker), patient };
}

function openRag(
  { CRAWL_RAG_URL: baseUrl, CRAWL_RAG_KEY: key }: CrawlerConfig,
  breakers: Breakers,
): GuardedRag & Disposable {
  const transport = openNodeTransport(baseUrl, DELIVERIES);
  const rag = guardRag({
    client: createRagClient({ baseUrl, key, transport: traceTransport(transport) }),
    putMs: PUT_MS,
    // The delivery repeats calls, because it first checks whether the page is still wanted.
    ingest: breakers.pipeline('rag-ingest', { attemptTimeoutMs: PUT_MS }),
    health: breakers.pipeline('rag-health', { attemptTimeoutMs: 1000 }),
  });
  return { ...rag, [Symbol.dispose]: () => transport[Symbol.dispose]() };
}

interface SendOutParts extends Pick<SendOutDeps, 'fetcher' | 'browser' | 'dns' | 'hosts' | 'gate'> {
  readonly memory: Resource;
  readonly metrics: CrawlMetrics;
}

function openSendOut(config: CrawlerConfig, { memory, metrics, ...outside }: SendOutParts): SendOut {
  return createSendOut({
    ...outside,
    budget: () => memory.budget,
    onEgress: metrics.scraped,
    workDir: config.CRAWL_WORK_DIR,
    userAgent: config.CRAWL_USER_AGENT,
    allowedOrigins: config.CRAWL_ALLOWED_ORIGINS,
    atOnce: config.CRAWL_CONCURRENCY,
  });
}

interface WorkerDeps {
  readonly rag: GuardedRag;
  readonly browser: BrowserWatch;
  readonly memory: Resource;
}

function startCrawls(
  config: CrawlerConfig,
  ledger: Ledger,
  metrics: CrawlMetrics,
  { log, run, tracing, browser, memory, rag }: CrawlerDeps & WorkerDeps,
): CrawlWorker {
  const redis = connectForBlocking(config.REDIS_URL, 'crawler-worker');
  const memoryMb = Math.round(config.CRAWL_MEMORY / 1024 ** 2);
  const processes = createCrawlProcesses({
    entry: new URL('./crawl/main.ts', import.meta.url),
    memoryMb,
    readyIn: config.CRAWL_KEEP_READY && run === undefined ? config.CRAWL_WORK_DIR : undefined,
    hasRoom: () => hasRoom({ memory }),
    log,
  });
  const work = createCrawlWork({
    ledger,
    log,
    answer: (request, signal) => answerQuestions({ rag, log }, request, signal),
    workDir: config.CRAWL_WORK_DIR,
    open: processes.open,
    settings: {
      redisUrl: config.REDIS_URL,
      breakerRedisUrl: breakerUrlOf(config),
      keepS: Math.round(config.CRAWL_KEEP / 1000),
      outbox: { maxEntries: config.CRAWL_OUTBOX_ENTRIES, maxBytes: config.CRAWL_OUTBOX_BYTES },
      userAgent: config.CRAWL_USER_AGENT,
      allowedOrigins: config.CRAWL_ALLOWED_ORIGINS,
      memoryMb,
      extractThreads: config.CRAWL_EXTRACT_THREADS,
      browserPages: config.CRAWL_BROWSER_PAGES,
    },
    browser: async () => browserSettings(await browser.probe()),
    onBrowserFailed: () => browser.doubt(),
    onHeartbeat: metrics.heartbeat,
    onEnd: metrics.ended,
    tracing,
    ...(run === undefined ? {} : { run }),
  });
  const worker = startWorker(redis, {
    concurrency: config.CRAWL_CONCURRENCY,
    lockMs: config.CRAWL_LOCK,
    work: waitForRoom(work, { memory, ledger }),
    onError: (err) => log.debug({ err }, 'queue error'),
  });
  return {
    async close() {
      await worker.close();
      await processes.close();
    },
  };
}
