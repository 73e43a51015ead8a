import { join } from 'node:path';
import {
  makeTestDirectory,
  openTestModels,
  type TestModels,
  type TestModelsOptions,
} from '@xnai/inference/testing';
import { createLogger } from '@xnai/service';
import OpenAI from 'openai';
import { createAnswer } from '../../answer.ts';
import { buildApp } from '../../app.ts';
import { createBreakers } from '../../breakers.ts';
import { createIngest } from '../../ingest.ts';
import { createParser } from '../../parse/parser.ts';
import { createRetrieve } from '../../retrieve.ts';
import { openSqliteStore } from '../../store/sqlite-store.ts';

export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly client: OpenAI;
  readonly test: TestModels;
  put(id: string, content: string, collection?: string): Promise<void>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** The whole service on a free port, with real models and a real index, and OpenAI's own client for it. */
export async function openTestApi({
  budget,
  ...options
}: TestModelsOptions & { readonly budget?: () => number }): Promise<TestApi> {
  const log = createLogger({ name: 'rag', level: 'silent' });
  const directory = makeTestDirectory();
  const test = openTestModels(options);
  const store = await openSqliteStore({ path: join(directory.path, 'rag.sqlite'), readers: 1 });
  const parser = createParser({ threads: 1 });
  const retrieve = createRetrieve({ store, ...test.models });
  const ingest = createIngest({ store, parser });
  const registry = createBreakers({ log, redisUrl: undefined });
  const caller = { id: 'test', name: 'test', scopes: ['query', 'ingest', 'metrics'] as const, exempt: false };
  const app = await buildApp({
    log,
    keys: {
      verify: (key) => (key === KEY ? { ...caller, scopes: [...caller.scopes], created: '' } : undefined),
    },
    rateLimitPerMinute: 0,
    checks: [],
    registry,
    memory: registry.resource('memory', { sources: [] }),
    store,
    ingest,
    retrieve,
    models: test.models,
    answer: createAnswer({ store, retrieve, generator: test.models.generator, budget }),
  });
  test.models.registerMetrics(app.metrics);
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const post = (path: string, body: unknown, headers = {}) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return {
    url,
    key: KEY,
    client: new OpenAI({ apiKey: KEY, baseURL: `${url}/v1`, maxRetries: 0 }),
    test,
    post,
    async put(id, content, collection = 'default') {
      await ingest({ collection, id, content, contentType: 'text/markdown' });
    },
    async [Symbol.asyncDispose]() {
      await app.close();
      await test[Symbol.asyncDispose]();
      await store.close();
      await parser.close();
      directory.remove();
    },
  };
}

const KEY = `xnai_${'k'.repeat(43)}`;
