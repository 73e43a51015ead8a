import { join } from 'node:path';
import { makeTestDirectory, untilState, writeRandomBert, writeScriptedModel } from '@xnai/inference/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApi, type TestApi } from '../openai/testing/open-test-api.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
let api: TestApi;

beforeAll(async () => {
  writeScriptedModel(file('endless'), ['again ', 'and ', 'once ', 'more '], { endless: true });
  writeRandomBert(file('embed'), 'embed');
  writeRandomBert(file('rerank'), 'rerank');
  api = await openTestApi({ generate: file('endless'), embed: file('embed'), rerank: file('rerank') });
  const { generator, embedder, reranker } = api.test.models;
  for (const model of [generator, embedder, reranker]) await untilState(model, 'ready');
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  directory.remove();
});

const texts = (count: number) => Array<string>(count).fill('dog '.repeat(300));
const messages = [{ role: 'user', content: 'Write.' }];

/** Each route with a body of little work, and one whose work takes seconds. */
const ROUTES = [
  ['/v1/chat/completions', (n: number) => ({ model: 'endless', messages, max_tokens: n }), 2, 4_000],
  ['/v1/completions', (n: number) => ({ model: 'endless', prompt: 'Write', max_tokens: n }), 2, 4_000],
  ['/v1/embeddings', (n: number) => ({ model: 'embed', input: texts(n) }), 1, 500],
  ['/v1/rerank', (n: number) => ({ query: 'cat', documents: texts(n) }), 1, 500],
] as const;

it.each(ROUTES)(
  '%s is not changed by a generous deadline, and a short one gives 504',
  async (path, body, little, much) => {
    const post = (n: number, ms?: number) =>
      api.post(path, body(n), ms === undefined ? {} : { 'x-request-timeout-ms': String(ms) });
    expect((await post(little)).status).toBe(200);
    for (const ms of [30_000, 3_600_000]) expect((await post(little, ms)).status).toBe(200);
    const late = await post(much, 50);
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
    expect((await post(little, 30_000)).status).toBe(200);
  },
);
