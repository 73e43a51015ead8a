import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResourceSource } from '@xnai/resilience';
import { type App, createLogger } from '@xnai/service';
import { createAnswer } from '../answer.ts';
import { buildApp } from '../app.ts';
import { openBreakers } from '../breakers.ts';
import { createChecks } from '../checks.ts';
import { createParser, type Parser } from '../chunk/parser.ts';
import { createIngest } from '../ingest.ts';
import { createAbsentModels } from '../model/absent.ts';
import { createRetrieve } from '../retrieve.ts';
import { guardStore } from '../store/guard-store.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';

/** For tests: the service without models, over a real index, as `main.ts` puts it together. */
export interface TestRag extends AsyncDisposable {
  readonly app: App;
  /** Sends JSON with a key that may do everything. */
  call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<TestAnswer>;
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
  /** Where memory runs out; nowhere, unless a test says so. */
  readonly sources?: readonly ResourceSource[];
}

export async function openTestRag({
  maxBytes,
  redisUrl,
  sources = [],
  parser = createParser(),
}: TestRagOptions = {}): Promise<TestRag> {
  const dir = await mkdtemp(join(tmpdir(), 'rag-test-'));
  const index = await openSqliteStore({ path: join(dir, 'rag.sqlite'), readers: 1, maxBytes });
  const log = createLogger({ name: 'rag', level: 'silent' });
  const redis = { url: redisUrl, breakerUrl: redisUrl };
  const breakers = await openBreakers({ log, redis, sources });
  const { registry, memory } = breakers;
  const store = guardStore(index, registry.get('store'));
  const models = createAbsentModels();
  const retrieve = createRetrieve({ store, ...models });
  const app = await buildApp({
    log,
    keys: { verify: (key) => (key === KEY ? { ...OWNER, scopes: [...OWNER.scopes] } : undefined) },
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
export const AUTH = { authorization: `Bearer ${KEY}` };

function caller(app: App): TestRag['call'] {
  return async (method, url, body) => {
    const json =
      body === undefined ? {} : { payload: JSON.stringify(body), headers: { ...AUTH, ...JSON_TYPE } };
    const response = await app.inject({ method, url, headers: AUTH, ...json });
    const parsed = response.body === '' ? undefined : JSON.parse(response.body);
    return { status: response.statusCode, headers: response.headers, body: parsed };
  };
}

const JSON_TYPE = { 'content-type': 'application/json' };
