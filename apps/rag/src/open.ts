import { openNodeTransport } from '@xnai/contracts/node-transport';
import { type Models, type OpenModels, openModels as openLlamaModels } from '@xnai/inference';
import type { ResourceSource } from '@xnai/resilience';
import {
  type App,
  type AuditLog,
  type Closeable,
  type KeyRing,
  type Logger,
  memorySources,
  type Tracing,
} from '@xnai/service';
import { traceTransport } from '@xnai/service/trace';
import { openAnswers } from './answer-cache/open-answers.ts';
import { buildApp } from './app.ts';
import { createAsk } from './ask/ask.ts';
import { INSTRUCTIONS } from './ask/generative/prompt.ts';
import { createJudge } from './ask/judge/judge.ts';
import { JUDGE_INSTRUCTIONS } from './ask/judge/judge-prompt.ts';
import { openExtractor } from './ask/open-extractor.ts';
import { type OpenBreakers, openBreakers } from './breakers.ts';
import { createChecks } from './checks.ts';
import type { RagConfig } from './config.ts';
import { MAX_EVENT_STREAMS } from './console/crawler-routes.ts';
import { findConsole } from './console/find-console.ts';
import { type EmbeddingDeps, startEmbedding } from './embed/start-embedding.ts';
import { openFileReader } from './ingest/files/open-file-reader.ts';
import { createIngest } from './ingest/ingest.ts';
import { createParser } from './ingest/parser.ts';
import { reindexOlder } from './ingest/reindex.ts';
import { createUntilFree, type RereadDeps, rereadOutdated } from './ingest/reread.ts';
import { createRetrieve, type Retrieve } from './retrieve/retrieve.ts';
import { createSelfChecks, type SelfChecks } from './retrieve/self-check/self-checks.ts';
import { startSelfChecks } from './retrieve/self-check/start-self-checks.ts';
import { openIndexSnapshots } from './snapshots.ts';
import { guardStore } from './store/guard-store.ts';
import { type LeadMark, type TakeLead, whileLeading } from './store/lead.ts';
import { ledRenewal } from './store/led.ts';
import { openDatabaseStore } from './store/open-database.ts';
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from './store/sqlite-store.ts';
import type { Store } from './store/store.ts';

/** What a test may replace by something that fails on purpose. */
export interface RagParts {
  readonly openStore: (options: SqliteStoreOptions) => Promise<RagStore>;
  readonly createParser: typeof createParser;
  readonly openFileReader: typeof openFileReader;
  /** Default: GGUF models in processes of their own, as the configuration names them. */
  readonly openModels: (
    breakers: OpenBreakers['registry'],
    servers: Pick<OpenBreakers, 'modelServers'>,
  ) => RagModels;
  /** Where memory runs out. Default: this machine's memory and the folders that this service writes to. */
  readonly memorySources: () => readonly ResourceSource[];
}

export type RagStore = Store & Partial<Pick<SqliteStore, 'registerMetrics'> & { readonly lead: TakeLead }>;

export type RagModels = Models & AsyncDisposable & Partial<Pick<OpenModels, 'registerMetrics'>>;

export interface RagDeps extends Partial<RagParts> {
  readonly log: Logger;
  readonly keys: Pick<KeyRing, 'verify'>;
  readonly audit: AuditLog;
  /** Default: traces are off. */
  readonly tracing?: Tracing | undefined;
}

export interface Rag {
  readonly app: App;
  readonly registry: OpenBreakers['registry'];
  /** To be closed from the last to the first: each may use those before it. */
  readonly closeables: readonly Closeable[];
}

/** One for each follower of a crawl, and some for calls. */
const CRAWLER_CONNECTIONS = MAX_EVENT_STREAMS + 16;

/**
 * The whole service but its port: index, parser, models and breakers, and the API over them.
 *
 * @throws {StoreError} when the index cannot be opened
 * @throws {SnapshotError} when there is no index, and none of its snapshots can be restored
 */
export async function openRag(config: RagConfig, deps: RagDeps): Promise<Rag> {
  const { log, keys, audit } = deps;
  const parts = { ...partsOf(config, log), ...deps };
  const snapshots =
    config.snapshots && (await openIndexSnapshots({ index: config.index.path, ...config.snapshots }, deps));
  const index = await parts.openStore(config.index);
  snapshots?.start();
  const { redis, replica } = config;
  const breakers = await openBreakers({ log, redis, replica, sources: parts.memorySources() });
  const { registry, memory } = breakers;
  const store = guardStore(index, registry.get('store'));
  const parser = parts.createParser(config.parser);
  const files = parts.openFileReader(config.files);
  const models = parts.openModels(registry, breakers);
  const embedding = openEmbedding(config, { store, models, memory, log, lead: index.lead });
  const selfChecks = createSelfChecks({ store, embedder: models.embedder, log });
  const retrieve = embedding.yieldTo(createRetrieve({ store, ...models, shareOf: selfChecks.shareOf }));
  const asking = openAsking(config, { store, models, retrieve, breakers, embedding, selfChecks });
  const crawler = config.crawlerUrl === undefined ? undefined : openCrawler(config.crawlerUrl, registry);
  const app = await buildApp({
    log,
    keys,
    audit,
    auditFolder: config.audit.folder,
    tracing: deps.tracing,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    rateLimits: config.rateLimits,
    sharedBudget: breakers.budget,
    checks: createChecks({ ...asking, store: index, models, registry, embedding, selfChecks, snapshots }),
    registry,
    memory,
    store,
    ingest: embedding.wakeAfter(createIngest({ store, parser, readFile: files.read })),
    retrieve,
    models,
    consoleFolder: findConsole(config.consoleFolder),
    publicUrl: config.publicUrl,
    crawler,
    ...asking.asks,
  });
  for (const part of [index, models, snapshots, embedding, asking]) part?.registerMetrics?.(app.metrics);
  return {
    app,
    registry,
    closeables: [
      { name: 'index', close: () => index.close() },
      ...(snapshots ? [snapshots] : []),
      { name: 'breakers', close: () => breakers[Symbol.asyncDispose]() },
      { name: 'parser', close: () => parser.close() },
      { name: 'file reader', close: () => files.close() },
      ...(crawler ? [{ name: 'connections to the crawler', close: crawler.close }] : []),
      ...asking.closeables,
      { name: 'models', close: () => models[Symbol.asyncDispose]() },
      embedding,
      ...startBackground({ store, parser, log, selfChecks, lead: index.lead }, createUntilFree(app.server)),
    ],
  };
}

type OpenEmbeddingDeps = Pick<EmbeddingDeps, 'memory' | 'log' | 'lead'> &
  Pick<AskingDeps, 'store' | 'models'>;

function openEmbedding({ models: { sources } }: RagConfig, { store, models, ...deps }: OpenEmbeddingDeps) {
  const { embedder } = models;
  // A test may bring models that the configuration does not name.
  const isOff = sources.embed.kind === 'none' && embedder.state().status === 'absent';
  return startEmbedding({ vectors: store.vectors, embedder, isOff, ...deps });
}

interface AskingDeps {
  readonly store: Store;
  readonly models: RagModels;
  readonly retrieve: Retrieve;
  readonly breakers: OpenBreakers;
  readonly embedding: Pick<ReturnType<typeof startEmbedding>, 'yieldTo'>;
  readonly selfChecks: Pick<SelfChecks, 'shareOf'>;
}

/** What makes answers of what is found, and gives those again that were kept. */
function openAsking(config: RagConfig, { store, models, retrieve, breakers, ...deps }: AskingDeps) {
  const { registry, memory, hasRedisRoom } = breakers;
  const { generator } = models;
  const extractor = openExtractor();
  const judge = createJudge(generator, { mayJudge: config.mayJudge });
  const budget = () => memory.budget;
  const ask = deps.embedding.yieldTo(createAsk({ store, retrieve, generator, judge, extractor, budget }));
  const breaker = registry.get('answer-cache');
  const { shareOf } = deps.selfChecks;
  const kept = { ask, store, models, judge, shareOf, breaker, hasRoom: hasRedisRoom };
  const { answer, registerMetrics, ...answers } = openAnswers(config.answerCache, kept);
  return {
    ...{ asks: { ask, answer }, judge, registerMetrics },
    closeables: [
      { name: 'extractor', close: () => extractor.close() },
      { name: 'kept answers', close: answers[Symbol.asyncDispose] },
    ],
  };
}

function openCrawler(url: string, registry: OpenBreakers['registry']) {
  const transport = openNodeTransport(url, CRAWLER_CONNECTIONS);
  return {
    url,
    transport: traceTransport(transport),
    breaker: registry.get('crawler'),
    close: async () => transport[Symbol.dispose](),
  };
}

type BackgroundDeps = Omit<RenewDeps, 'untilFree'> & { readonly selfChecks: SelfChecks };

/** Work that waits while requests are answered. */
function startBackground(
  { selfChecks, ...deps }: BackgroundDeps,
  untilFree: RenewDeps['untilFree'],
): readonly Closeable[] {
  const renewing = startRenewing({ ...deps, untilFree });
  return [
    startSelfChecks({ checks: selfChecks, untilFree, log: deps.log, lead: deps.lead }),
    { name: 'renewal of older documents', close: renewing.close },
  ];
}

type RenewDeps = Omit<RereadDeps, 'signal' | 'store'> & {
  readonly store: Store;
  readonly log: Logger;
  readonly lead: TakeLead | undefined;
};

/** Brings what older releases wrote to this one, in the background. What is read again gets its new terms by that. */
function startRenewing(deps: RenewDeps) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { log } = deps;
  const renew = async (signal: AbortSignal, mark: LeadMark | undefined) => {
    const led = { ...deps, store: ledRenewal(deps.store, mark), signal };
    await rereadOutdated(led);
    await reindexOlder(led);
  };
  const done = whileLeading(deps.lead, { duty: 'renewal', signal, log }, renew).catch((err: unknown) => {
    if (!signal.aborted) log.error({ err }, 'renewing documents of an older version has ended');
  });
  const close = () => {
    stopping.abort();
    return done;
  };
  return { close };
}

function partsOf(config: RagConfig, log: Logger): RagParts {
  return {
    openStore: async (index) =>
      config.database === undefined
        ? openSqliteStore(index)
        : openDatabaseStore({
            ...config.database,
            onFault: (err) => log.warn({ err }, 'upkeep of the database failed, and is tried again'),
            onWait: () => log.info('waiting for another replica, which changes the tables of the database'),
          }),
    createParser,
    openFileReader,
    openModels: (registry, { modelServers }) =>
      openLlamaModels({
        config: { ...config.models, keptPrefixes: [INSTRUCTIONS, JUDGE_INSTRUCTIONS] },
        breakers: {
          generate: registry.get('generate'),
          embed: registry.get('embed'),
          rerank: registry.get('rerank'),
        },
        serverBreakerOf: (server) => modelServers.get(server),
        log,
      }),
    memorySources: () => memorySources(config.folders),
  };
}
