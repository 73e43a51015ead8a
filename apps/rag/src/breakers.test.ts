import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Store } from './store/store.ts';
import { StoreError } from './store/store-error.ts';
import { createCrashingModels } from './testing/crashing-models.ts';
import { openTestRag, type TestAnswer, type TestRagOptions } from './testing/open-test-rag.ts';

async function setUp(options: TestRagOptions) {
  const rag = await openTestRag(options);
  onTestFinished(() => rag[Symbol.asyncDispose]());
  await rag.put('walrus', 'The walrus of Port Ellery weighs 900 kilograms.');
  const times = async (count: number, ask: () => Promise<TestAnswer>) => {
    const answers: TestAnswer[] = [];
    for (let n = 0; n < count; n += 1) answers.push(await ask());
    return answers;
  };
  const operate = (path: string) => rag.call('POST', `/v1/breakers/${path}`, { reason: 'test' });
  return { rag, times, operate };
}

const withCrashingModels = async () => {
  const questions = { generate: 0, embed: 0, rerank: 0 };
  const { rag, ...rest } = await setUp({
    openModels: (registry) => createCrashingModels(registry, questions),
  });
  const state = async (name: string): Promise<string> =>
    (await rag.call('GET', '/v1/breakers')).body.breakers.find((one: { name: string }) => one.name === name)
      .state;
  return { rag, questions, state, ...rest };
};

test('store: an index that fails is asked five times, then searches are refused at once until it is let go', async () => {
  let searches = 0;
  let isFailing = true;
  const between = (index: Store): Store =>
    Object.assign(Object.create(index), {
      search: async (...args: Parameters<Store['search']>) => {
        searches += 1;
        if (isFailing) throw new StoreError('STORE_FAILED');
        return index.search(...args);
      },
    });
  const { rag, times, operate } = await setUp({ between });
  const answers = await times(12, () => rag.call('POST', '/v1/search', { query: 'walrus' }));

  expect(searches).toBe(5);
  expect(answers.slice(5)).toEqual(
    Array.from({ length: 7 }, () =>
      expect.objectContaining({ status: 503, body: expect.objectContaining({ code: 'BREAKER_OPEN' }) }),
    ),
  );
  expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  expect((await rag.call('GET', '/readyz')).body.checks.breakers).toMatchObject({
    status: 'degraded',
    detail: { states: { store: 'open' } },
  });

  isFailing = false;
  await operate('store/reset');
  expect((await rag.call('POST', '/v1/search', { query: 'walrus' })).body.results).toHaveLength(1);
});

test('generate: a model that crashes is asked three times; every answer is extractive, and says so', async () => {
  const { rag, questions, state, times } = await withCrashingModels();
  const answers = await times(8, () =>
    rag.call('POST', '/v1/query', { query: 'What does the walrus weigh?' }),
  );

  expect(questions.generate).toBe(3);
  expect(await state('generate')).toBe('open');
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(body).toMatchObject({ mode: 'extractive', degraded: expect.arrayContaining(['model']) });
    expect(body.answer).toContain('900 kilograms');
  }
  const strict = await rag.call('POST', '/v1/query', { query: 'walrus weigh', mode: 'generative' });
  expect(strict).toMatchObject({ status: 503, body: { code: 'BREAKER_OPEN' } });
  expect(Number(strict.headers['retry-after'])).toBeGreaterThan(0);
});

test('embed: a model that crashes is asked three times, then vectors are refused at once', async () => {
  const { rag, questions, state, times } = await withCrashingModels();
  const answers = await times(8, () =>
    rag.call('POST', '/v1/embeddings', { model: 'crashing', input: 'walrus' }),
  );

  expect(questions.embed).toBe(3);
  expect(await state('embed')).toBe('open');
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(503));
  expect(answers.at(-1)?.body.error.code).toBe('breaker_open');
  expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
});

test('rerank: a model that crashes is asked three times; results come in the order of the search, and say so', async () => {
  const { rag, questions, state, times } = await withCrashingModels();
  const answers = await times(8, () => rag.call('POST', '/v1/search', { query: 'walrus' }));

  expect(questions.rerank).toBe(3);
  expect(await state('rerank')).toBe('open');
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(body).toMatchObject({ degraded: ['embedder', 'reranker'], retrieval: { reranked: false } });
    expect(body.results).toHaveLength(1);
  }
});

test('crawler: one that ends its connections is asked three times, then /crawler/* is refused at once until it is let go', async () => {
  let requests = 0;
  let isFailing = true;
  const server = createServer((request, response) => {
    requests += 1;
    if (isFailing) request.socket.destroy();
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { rag, times, operate } = await setUp({ crawlerUrl: `http://127.0.0.1:${port}` });
  const ask = () => rag.call('GET', '/crawler/v1/crawls');
  expect((await times(3, ask)).map(({ body }) => body.code)).toEqual(Array(3).fill('CRAWLER_UNAVAILABLE'));
  expect((await ask()).body.code).toBe('BREAKER_OPEN');
  expect(requests).toBe(3);

  isFailing = false;
  expect((await operate('crawler/reset')).status).toBe(200);
  expect((await ask()).status).toBe(200);
});

test('each breaker of this service has a test here', async () => {
  const { rag } = await setUp({});
  expect(
    rag.registry
      .snapshot()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['answer-cache', 'crawler', 'embed', 'generate', 'rerank', 'store']);
});
