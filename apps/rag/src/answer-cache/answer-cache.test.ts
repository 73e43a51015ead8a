import { startRedis, type TestRedis } from '@xnai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AUTH, openTestRag, READER_AUTH, redisAt, type TestRag } from '../testing/open-test-rag.ts';
import { openKeptAnswers } from './kept-answers.ts';

const BUSY = { timeout: 20_000, interval: 20 };
const QUESTION = 'What does the walrus eat?';

let server: TestRedis;
let rag: TestRag;
beforeAll(async () => {
  server = await startRedis();
  rag = await openTestRag({ redis: redisAt(server.url), answerCache: { maxBytes: 4 * 32 * 1024 } });
  await rag.put('walrus', 'The walrus eats clams.');
  // It joins Redis in the background.
  await isKept({ query: QUESTION });
});
afterAll(async () => {
  await rag[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
/** What was kept before is out of reach then. */
beforeEach(async () => {
  const name = expect.getState().currentTestName;
  const metadata = { lang: 'en' };
  await rag.put('walrus', `# Walrus\n\nThe walrus eats clams, as was seen at ${name}.`, { metadata });
  await server.client.flushall();
});

const ask = (body: object, headers?: Record<string, string>) => rag.call('POST', '/v1/query', body, headers);

/** Asks until the answer is kept: it is written while the first one is on its way. */
async function isKept(body: object) {
  await ask(body);
  await vi.waitFor(async () => expect((await ask(body)).body.cached).toBe(true), BUSY);
}

async function counts() {
  const { body } = await rag.app.inject({ url: '/metrics', headers: AUTH });
  const lines = body.matchAll(/^rag_answer_cache_questions_total\{outcome="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, outcome, count]) => [outcome, Number(count)]));
}

describe('an answer that was given before', () => {
  test('is given again for the same question, and says so and its age', async () => {
    const first = await ask({ query: QUESTION });
    expect(first.body).not.toHaveProperty('cached');
    expect(first.headers).not.toHaveProperty('age');
    await isKept({ query: QUESTION });
    const second = await ask({ query: QUESTION });
    const { timings, ...answer } = first.body;
    expect(second.body).toEqual({ ...answer, cached: true, timings: expect.any(Object) });
    expect(Number(second.headers['age'])).toBeGreaterThanOrEqual(0);
    expect(timings.total_ms).toBeGreaterThan(0);
  });

  test('is streamed as events', async () => {
    await isKept({ query: QUESTION });
    const { body, headers } = await rag.app.inject({
      method: 'POST',
      url: '/v1/query',
      headers: { ...AUTH, 'content-type': 'application/json' },
      payload: { query: QUESTION, stream: true },
    });
    expect(Number(headers['age'])).toBeGreaterThanOrEqual(0);
    const events = [...body.matchAll(/^event: (\w+)\ndata: (.*)$/gm)];
    const [sources, token, done] = events.map(([, , data = '']) => JSON.parse(data));
    expect(events.map(([, name]) => name)).toEqual(['sources', 'token', 'done']);
    expect(done).toMatchObject({ cached: true, mode: 'extractive' });
    expect(token.text).toBe(done.answer);
    expect(sources.citations).toEqual(done.citations);
  });

  test.each<[string, object, Record<string, string>?]>([
    ['another question', { query: 'What eats the walrus?' }],
    ['another filter', { query: QUESTION, filter: { lang: { not: 'de' } } }],
    ['other options', { query: QUESTION, quotes: 'full' }],
    ['no-cache', { query: QUESTION }, { 'cache-control': 'no-cache' }],
    ['no-store', { query: QUESTION }, { 'cache-control': 'private, No-Store' }],
    ['a key with other scopes', { query: QUESTION }, READER_AUTH],
  ])('is not given for %s', async (_, body, headers) => {
    await isKept({ query: QUESTION });
    expect((await ask(body, headers)).body).not.toHaveProperty('cached');
  });

  test('is out of reach after a write to the collection, and not after one to another', async () => {
    await isKept({ query: QUESTION });
    const document = { content: 'A seal.', content_type: 'text/markdown' };
    await rag.call('PUT', '/v1/collections/other/documents/seal', document);
    expect((await ask({ query: QUESTION })).body.cached).toBe(true);
    await rag.put('walrus', '# Walrus\n\nThe walrus eats shrimps.', { metadata: { lang: 'en' } });
    const { body } = await ask({ query: QUESTION });
    expect(body.answer).toContain('shrimps');
    expect(body).not.toHaveProperty('cached');
  });
});

test('with no-store nothing is kept, with no-cache the new answer is', async () => {
  await ask({ query: QUESTION }, { 'cache-control': 'no-store' });
  expect(await server.client.keys('xnai:cache:*')).toEqual([]);
  await ask({ query: QUESTION }, { 'cache-control': 'no-cache' });
  await vi.waitFor(async () => expect(await server.client.keys('xnai:cache:*')).toHaveLength(1), BUSY);
});

test('of equal questions at the same time, one is answered anew', async () => {
  const before = await counts();
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask({ query: QUESTION })));
  expect(answers.filter(({ body }) => body.cached === undefined)).toHaveLength(1);
  expect(new Set(answers.map(({ body }) => body.answer)).size).toBe(1);
  const after = await counts();
  expect((after['miss'] ?? 0) - (before['miss'] ?? 0)).toBe(1);
  expect((after['shared'] ?? 0) + (after['hit'] ?? 0) - (before['shared'] ?? 0) - (before['hit'] ?? 0)).toBe(
    7,
  );
});

test('in Redis answers expire, have a fixed number of places, and no words of the question in their keys', async () => {
  for (let n = 0; n < 12; n += 1) await isKept({ query: `${QUESTION} ${n}` });
  const keys = await server.client.keys('xnai:cache:*');
  expect(keys.length).toBeLessThanOrEqual(4);
  for (const key of keys) {
    expect(key).toMatch(/^xnai:cache:answer:[0-3]$/);
    expect(await server.client.pttl(key)).toBeGreaterThan(0);
  }
});

test('what one process keeps, no other can read', async () => {
  const breaker = rag.registry.get('answer-cache');
  const options = { url: server.url, breaker, maxBytes: 2 ** 20, ttlMs: 60_000, hasRoom: () => true };
  await using own = openKeptAnswers(options);
  await using other = openKeptAnswers(options);
  const { body: answer } = await ask({ query: QUESTION });
  const kept = { key: '0123456789abcdef', madeAtMs: 1, answer };
  await vi.waitFor(async () => expect(await own.keep(kept)).toBe(true), BUSY);
  await vi.waitFor(async () => expect(await other.keep({ ...kept, key: 'f'.repeat(16) })).toBe(true), BUSY);
  expect(await own.read(kept.key)).toMatchObject({ key: kept.key, answer: { answer: answer.answer } });
  expect(await other.read(kept.key)).toBeUndefined();
});

test('without Redis questions are answered anew, and kept again once it is back', async () => {
  await server.kill();
  for (let n = 0; n < 4; n += 1) {
    expect(await ask({ query: QUESTION })).toMatchObject({ status: 200, body: { mode: 'extractive' } });
  }
  expect(rag.registry.get('answer-cache').state).toBe('open');
  await server.start();
  await isKept({ query: QUESTION });
}, 60_000);

test('a Redis that is nearly full keeps no more answers, a full one neither, and nothing fails', async () => {
  await isKept({ query: QUESTION });
  const { client } = server;
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  const nearlyFull = Math.ceil(used / 0.9);
  await client.config('SET', 'maxmemory', nearlyFull);
  const level = async () => (await rag.call('GET', '/v1/breakers')).body.resources[1].level;
  await vi.waitFor(async () => expect(await level()).toMatch(/shed|refuse/), BUSY);
  for (const maxMemory of [nearlyFull, 1024]) {
    await client.config('SET', 'maxmemory', maxMemory);
    for (const query of ['Is it a walrus?', 'Is it a walrus?', 'What is a walrus?']) {
      expect((await ask({ query })).body).not.toHaveProperty('cached');
    }
    expect((await ask({ query: QUESTION })).body.cached).toBe(true);
  }
  expect(await client.keys('xnai:cache:*')).toHaveLength(1);
  expect(rag.registry.get('answer-cache').state).toBe('closed');
}, 60_000);
