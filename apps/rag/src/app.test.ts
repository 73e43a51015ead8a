import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeTestDirectory, openTestModels, untilState, writeDullBert } from '@xnai/inference/testing';
import { openApiGaps } from '@xnai/service/testing/openapi-gaps';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTH, openTestRag, redisAt, type TestRag } from './testing/open-test-rag.ts';

const SNAPSHOT = new URL('../openapi.json', import.meta.url);

describe('the API', () => {
  let rag: TestRag;
  beforeAll(async () => {
    rag = await openTestRag();
  });
  afterAll(() => rag[Symbol.asyncDispose]());

  test('is the one in openapi.json; UPDATE_OPENAPI=1 writes it anew', async () => {
    const { body } = await rag.call('GET', '/openapi.json');
    const text = `${JSON.stringify(body, null, 2)}\n`;
    if (process.env['UPDATE_OPENAPI'] === '1') await writeFile(SNAPSHOT, text);
    expect(text).toBe(await readFile(SNAPSHOT, 'utf8'));
  });

  test('has types, examples and descriptions in every operation and field of openapi.json', async () => {
    const { body } = await rag.call('GET', '/openapi.json');
    expect(openApiGaps(body)).toEqual([]);
  });

  test('counts in /metrics what it took in', async () => {
    await rag.put('a', '# A\n\none\n\n## B\n\ntwo');
    await rag.put('a', '# A\n\none\n\n## B\n\ntwo');
    await rag.put('b', '<p></p>', { content_type: 'text/html' });
    const { body } = await rag.app.inject({ method: 'GET', url: '/metrics', headers: AUTH });
    for (const outcome of ['indexed', 'unchanged', 'failed']) {
      expect(body).toContain(`rag_documents_total{outcome="${outcome}"} 1`);
    }
    expect(body).toContain('rag_chunks_indexed_total 2');
  });

  test('is ready without Redis and models when nobody configured them', async () => {
    const { status, body } = await rag.call('GET', '/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'ready',
      degraded: [],
      checks: {
        store: { status: 'ok' },
        model: { status: 'absent' },
        embedder: { status: 'absent' },
        reranker: { status: 'absent' },
        redis: { status: 'absent' },
      },
    });
  });
});

test('a model whose hub cannot be reached is absent with the reason, one whose file is unusable is down', async () => {
  const directory = makeTestDirectory();
  const dull = join(directory.path, 'dull.gguf');
  writeDullBert(dull, 'rerank');
  const hub = { kind: 'hub', repository: 'acme/model', revision: 'main' } as const;
  await using models = openTestModels({
    config: {
      sources: {
        generate: { kind: 'none' },
        embed: { ...hub, choice: { quantization: 'q8_0' } },
        rerank: { kind: 'path', file: dull },
      },
      mayFetch: true,
    },
  });
  await using rag = await openTestRag({ openModels: () => models.models });
  await untilState(models.models.embedder, 'absent');
  await untilState(models.models.reranker, 'down');
  const { body } = await rag.call('GET', '/readyz');
  directory.remove();
  expect(body).toMatchObject({
    degraded: ['reranker'],
    checks: {
      embedder: { status: 'absent', detail: expect.stringMatching(/^the model hub cannot be reached: /) },
      reranker: { status: 'down', detail: expect.stringMatching(/^dull cannot be trusted: /) },
    },
  });
});

describe('with a Redis that is configured and cannot be reached', () => {
  test('all of rag works, and /readyz says what is missing', { timeout: 30_000 }, async () => {
    await using rag = await openTestRag({ redis: redisAt(`redis://127.0.0.1:${await closedPort()}`) });
    expect((await rag.put('a', 'a walrus')).status).toBe(201);
    expect((await rag.call('POST', '/v1/search', { query: 'walrus' })).body.results).toHaveLength(1);
    expect((await rag.call('POST', '/v1/query', { query: 'walrus' })).status).toBe(200);
    const { status, body } = await rag.call('GET', '/readyz');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      degraded: ['redis'],
      checks: { redis: { status: 'down' } },
    });
  });
});

describe('with an index that is full', () => {
  test('documents are refused with 503, searches go on, and room made is used', {
    timeout: 30_000,
  }, async () => {
    await using rag = await openTestRag({ maxBytes: 512 * 1024 });
    await rag.put('first', 'a walrus');
    const long = Array.from({ length: 6_000 }, (_, n) => `word${n}`).join(' ');
    let count = 0;
    let answer = await rag.put('d0', long);
    while (answer.status === 201) {
      count += 1;
      answer = await rag.put(`d${count}`, long);
    }
    expect(answer).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL' } });
    expect(answer.headers['retry-after']).toBeDefined();
    expect(count).toBeGreaterThan(1);
    // More refusals than the breaker takes failures: a full index is no failing index.
    for (let n = 0; n < 8; n += 1) expect((await rag.put('again', long)).status).toBe(503);
    expect((await rag.call('POST', '/v1/search', { query: 'walrus' })).body.results).toHaveLength(1);
    for (let n = 0; n < count; n += 1) await rag.call('DELETE', `/v1/collections/default/documents/d${n}`);
    expect((await rag.put('again', long)).status).toBe(201);
  });
});

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
