import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Models } from '@xnai/inference';
import { createAbsentModels } from '@xnai/inference';
import type { ResourceSource } from '@xnai/resilience';
import { type App, createLogger } from '@xnai/service';
import { createAnswer } from '../answer.ts';
import { buildApp } from '../app.ts';
import { type OpenBreakers, openBreakers } from '../breakers.ts';
import { createChecks } from '../checks.ts';
import { createIngest } from '../ingest.ts';
import { createParser, type Parser } from '../parse/parser.ts';
import { createRetrieve } from '../retrieve.ts';
import { guardStore } from '../store/guard-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';

/** For tests: the service without models, over a real index, as `main.ts` puts it together. */
export interface TestRag extends AsyncDisposable {
  readonly app: App;
  readonly registry: OpenBreakers['registry'];
  /** Sends JSON with a key that may do everything. */
  call(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TestAnswer>;
  put(id: string, content: string, more?: object): Promise<TestAnswer>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came back.
  readonly body: any;
}

export interface TestRagOptions {
  readonly maxBytes?: number;
  readonly redisUrl?: string;
  readonly parser?: Parser;
  /** What stands between the service and its index. */
  readonly between?: (index: Store) => Store;
  /** None, unless a test says so. */
  readonly models?: (registry: OpenBreakers['registry']) => Models;
  readonly redis?: { readonly url: string | undefined; readonly breakerUrl: string };
  /** Where memory runs out; nowhere, unless a test says so. */
  readonly sources?: readonly ResourceSource[];
}

export async function openTestRag({
  maxBytes,
  redisUrl,
  sources = [],
  between = (index) => index,
  models: createModels = createAbsentModels,
  parser = createParser(),
  ...options
}: TestRagOptions = {}): Promise<TestRag> {
  const dir = await mkdtemp(join(tmpdir(), 'rag-test-'));
  const index = await openSqliteStore({ path: join(dir, 'rag.sqlite'), readers: 1, maxBytes });
  const log = createLogger({ name: 'rag', level: 'silent' });
  const redis = options.redis ?? { url: redisUrl, breakerUrl: redisUrl };
  const breakers = await openBreakers({ log, redis, sources });
  const { registry, memory } = breakers;
  const store = guardStore(between(index), registry.get('store'));
  const models = createModels(registry);
  const retrieve = createRetrieve({ store, ...models });
  const app = await buildApp({
    log,
    keys: {
      verify: (key) =>
        key === KEY || key === SERVICE_KEY
          ? { ...OWNER, scopes: [...OWNER.scopes], exempt: key === SERVICE_KEY }
          : undefined,
    },
    rateLimitPerMinute: 0,
    checks: createChecks({ store: index, models, registry }),
    registry,
    memory,
    store,
    ingest: createIngest({ store, parser }),
    retrieve,
    models,
    answer: createAnswer({ store, retrieve, generator: models.generator }),
  });
  const call = caller(app);
  return {
    app,
    registry,
    call,
    put: (id, content, more) =>
      call('PUT', `/v1/collections/default/documents/${id}`, {
        content,
        content_type: 'text/markdown',
        ...more,
      }),
    async [Symbol.asyncDispose]() {
      await app.close();
      await breakers[Symbol.asyncDispose]();
      await index.close();
      await parser.close();
      await rm(dir, { recursive: true });
    },
  };
}

const KEY = `xnai_${'t'.repeat(43)}`;
const OWNER = {
  id: 'test',
  name: 'test',
  scopes: ['query', 'ingest', 'admin', 'metrics'],
  exempt: false,
  created: '',
} as const;
/** Of another service of the stack, such as the crawler. */
const SERVICE_KEY = `xnai_${'s'.repeat(43)}`;
export const SERVICE_AUTH = { authorization: `Bearer ${SERVICE_KEY}` };
export const AUTH = { authorization: `Bearer ${KEY}` };

function caller(app: App): TestRag['call'] {
  return async (method, url, body, headers = {}) => {
    const json =
      body === undefined
        ? {}
        : { payload: JSON.stringify(body), headers: { ...AUTH, ...JSON_TYPE, ...headers } };
    const response = await app.inject({ method, url, headers: { ...AUTH, ...headers }, ...json });
    const parsed = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, headers: response.headers, body: parsed };
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
