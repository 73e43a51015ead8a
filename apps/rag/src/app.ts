import type { Models } from '@xnai/inference';
import { explainModelError } from '@xnai/inference';
import { addRagMcp } from '@xnai/mcp/http';
import type { Registry, Resource } from '@xnai/resilience';
import {
  type App,
  type AuditLog,
  addBreakers,
  type Check,
  createApp,
  type KeyRing,
  type Logger,
  type RateLimits,
  type SharedBudget,
  type Tracing,
} from '@xnai/service';
import type { Answer } from './answer-cache/reuse-answers.ts';
import type { Ask } from './ask/ask.ts';
import { consoleRoutes } from './console/console-routes.ts';
import { type CrawlerRoutesDeps, crawlerRoutes } from './console/crawler-routes.ts';
import { countIngest } from './ingest/count-ingest.ts';
import type { Ingest } from './ingest/ingest.ts';
import type { Retrieve } from './retrieve/retrieve.ts';
import { addressRoutes } from './routes/addresses.ts';
import { auditRoute } from './routes/audit.ts';
import { batchRoute } from './routes/batch.ts';
import { collectionEvents } from './routes/collection-events.ts';
import { collectionRoutes } from './routes/collections.ts';
import { documentRoutes } from './routes/documents.ts';
import { openAiRoutes } from './routes/openai.ts';
import { putDocumentRoute } from './routes/put-document.ts';
import { queryRoutes } from './routes/query.ts';
import { searchRoutes } from './routes/search.ts';
import { uploadRoutes } from './routes/upload.ts';
import type { Store } from './store/store.ts';

export interface AppDeps {
  readonly log: Logger;
  readonly keys: KeyRing;
  readonly audit: AuditLog;
  /** Where the chains of all writers are. */
  readonly auditFolder: string;
  /** Undefined: traces are off. */
  readonly tracing: Tracing | undefined;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies?: readonly string[] | undefined;
  readonly rateLimits: RateLimits;
  /** Undefined: this process counts by itself. */
  readonly sharedBudget: SharedBudget | undefined;
  readonly checks: readonly Check[];
  readonly store: Store;
  readonly ingest: Ingest;
  readonly retrieve: Retrieve;
  readonly ask: Ask;
  /** Asks too, with answers that were kept. */
  readonly answer: Answer;
  readonly models: Models;
  readonly registry: Registry;
  readonly memory: Pick<Resource, 'admit'>;
  /** The built console; undefined where there is none. */
  readonly consoleFolder: string | undefined;
  /** Without a slash at its end; undefined: the address that a request was sent to. */
  readonly publicUrl: string | undefined;
  /** Behind `/crawler/*`; undefined: there are no such routes. */
  readonly crawler: CrawlerRoutesDeps | undefined;
}

/** The HTTP API of rag over the given parts. Does no I/O. */
export async function buildApp({
  log,
  keys,
  audit,
  tracing,
  corsOrigins,
  trustedProxies,
  rateLimits,
  sharedBudget,
  checks,
  ...deps
}: AppDeps): Promise<App> {
  const app = await createApp({
    name: 'rag',
    version: '0.2.0',
    log,
    keys,
    audit,
    tracing,
    corsOrigins,
    trustedProxies,
    rateLimits,
    sharedBudget,
    checks,
    mapError: explainModelError,
    hasHome: true,
  });
  const ingest = countIngest(deps.ingest, app.metrics);
  collectionRoutes(app, deps);
  collectionEvents(app, deps);
  documentRoutes(app, deps);
  addressRoutes(app, deps);
  await putDocumentRoute(app, { ...deps, ingest });
  await uploadRoutes(app, { ...deps, ingest });
  await batchRoute(app, { ...deps, ingest });
  searchRoutes(app, deps);
  queryRoutes(app, deps);
  await openAiRoutes(app, deps);
  addRagMcp(app, corsOrigins);
  addBreakers(app, deps.registry);
  auditRoute(app, deps.auditFolder);
  await consoleRoutes(app, deps.consoleFolder);
  if (deps.crawler !== undefined) await crawlerRoutes(app, deps.crawler);
  return app;
}
