import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createRagClient } from '@xnai/contracts/client';
import { type Embedder, ModelError } from '@xnai/inference';
import {
  makeTestDirectory,
  openTestModels,
  pidOf,
  type TestModels,
  untilState,
  writeRandomBert,
} from '@xnai/inference/testing';
import { createLogger } from '@xnai/service';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { newDocument } from '../store/testing/new-document.ts';
import { AUTH, openTestRag, TEST_KEY, type TestRag } from '../testing/open-test-rag.ts';
import { startEmbedding } from './start-embedding.ts';
import { createCountedEmbedder } from './testing/counted-embedder.ts';

const directory = makeTestDirectory();
const file = (name: string) => join(directory.path, `${name}.gguf`);
const WAIT = { timeout: 30_000, interval: 20 };

afterAll(() => directory.remove());

describe('a service with an embedding model', () => {
  let rag: TestRag;
  let models: TestModels;
  /** Stands in for the model that the service has: a restart with another one takes seconds. */
  let used: Embedder;
  let gate = Promise.resolve();
  const texts: string[] = [];
  const logged: string[] = [];

  beforeAll(async () => {
    writeRandomBert(file('first'), 'embed');
    models = openTestModels({ embed: file('first') });
    used = models.models.embedder;
    const embedder: Embedder = {
      state: () => used.state(),
      info: () => used.info(),
      async embed(given, kind, options) {
        if (kind === 'document') {
          await gate;
          texts.push(...given);
          const index = given.findIndex((text) => text.includes('illegible'));
          if (index >= 0) throw new ModelError('INPUT_EMPTY', { detail: `input ${index} is illegible` });
        }
        return used.embed(given, kind, options);
      },
    };
    rag = await openTestRag({
      openModels: () => ({ ...models.models, embedder }),
      out: { write: (line: string) => void logged.push(line) },
    });
    await untilState(used, 'ready');
  });
  afterAll(async () => {
    await rag[Symbol.asyncDispose]();
    await models[Symbol.asyncDispose]();
  });

  const search = (mode = 'auto') => rag.call('POST', '/v1/search', { query: 'walrus', mode });
  const check = async () => (await rag.call('GET', '/readyz')).body.checks.embedding;
  const collection = async () => (await rag.call('GET', '/v1/collections/default')).body;
  const untilWhole = () =>
    vi.waitFor(async () => expect(await check()).toMatchObject({ detail: { pending: 0 } }), WAIT);
  /** What is to be embedded waits until the function is called that this returns. */
  function close(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    return resolve;
  }

  test('finds a document by its words at once, and by vectors too once it is embedded', async () => {
    const open = close();
    expect((await rag.put('a', '# Animals\n\nA walrus has tusks.')).status).toBe(201);
    for (const mode of ['auto', 'hybrid']) {
      expect((await search(mode)).body).toMatchObject({
        results: [{ document_id: 'a' }],
        retrieval: { mode: 'lexical' },
        degraded: ['embedder'],
      });
    }
    expect(await search('dense')).toMatchObject({
      status: 503,
      body: {
        code: 'EMBEDDER_NOT_READY',
        detail: 'documents are being embedded with first: 0 of 1 chunks of this collection so far',
      },
    });
    const { status, body } = await rag.call('GET', '/readyz');
    expect({ status, ready: body.status, embedding: body.checks.embedding }).toMatchObject({
      status: 200,
      ready: 'ready',
      embedding: { status: 'ok', detail: { model: 'first', dimensions: 64, embedded: 0, pending: 1 } },
    });
    open();
    await untilWhole();
    for (const mode of ['auto', 'hybrid', 'dense']) {
      expect((await search(mode)).body).toMatchObject({
        results: [{ document_id: 'a' }],
        retrieval: { mode: mode === 'dense' ? 'dense' : 'hybrid' },
        degraded: [],
      });
    }
    const { body: answer } = await rag.call('POST', '/v1/query', { query: 'What does a walrus have?' });
    expect(answer).toMatchObject({ retrieval: { mode: 'hybrid' }, citations: [{ document_id: 'a' }] });
    expect(await collection()).toMatchObject({
      embedding_model: 'first',
      embedding_dimensions: 64,
      embedded_chunks: 1,
    });
    expect(texts).toEqual([expect.stringMatching(/Animals\s+A walrus has tusks\./)]);
  });

  test('embeds equal text once', async () => {
    const before = texts.length;
    await rag.put('b', '# Birds\n\nA penguin swims.');
    await rag.put('c', '# Birds\n\nA penguin swims.');
    await untilWhole();
    expect(texts.slice(before)).toHaveLength(1);
    expect(await collection()).toMatchObject({ chunks: 3, embedded_chunks: 3 });
    // Counted once the vectors are there.
    await vi.waitFor(async () => {
      const { body } = await rag.app.inject({ method: 'GET', url: '/metrics', headers: AUTH });
      expect(body).toContain('rag_embedding_chunks{state="embedded"} 3');
      expect(body).toContain('rag_embedding_texts_total{outcome="embedded"} 2');
    }, WAIT);
  });

  test('quarantines a chunk that the model cannot take, and says why once', async () => {
    await rag.put('blank', '# Blank\n\nillegible');
    await rag.put('d', '# Seals\n\nA seal barks.');
    await untilWhole();
    expect((await check()).detail).toMatchObject({
      embedded: 4,
      quarantined: 1,
      summary: 'all chunks are embedded, 1 cannot be',
    });
    await vi.waitFor(() => {
      const told = logged.filter((line) => line.includes('cannot be embedded'));
      expect(told).toEqual([expect.stringMatching(/"reason":"the text is illegible"/)]);
    }, WAIT);
    expect(await collection()).toMatchObject({
      quarantined_chunks: 1,
      quarantined: [{ document_id: 'blank', reason: 'the text is illegible' }],
    });
    expect((await search()).body).toMatchObject({ retrieval: { mode: 'hybrid' }, degraded: [] });
  });

  test('embeds a chunk that is longer than the context of the model in parts, and tells so', async () => {
    await rag.put('long', `# Long\n\n${'qwzx '.repeat(250)}`);
    await untilWhole();
    expect((await check()).detail).toMatchObject({
      embedded: 5,
      divided: 1,
      summary: 'all chunks are embedded, 1 of them in parts, 1 cannot be',
    });
    expect(await collection()).toMatchObject({ embedded_chunks: 5, divided_chunks: 1 });
  });

  test('tells of each change of a collection by an event, until it is deleted', async () => {
    const baseUrl = await rag.app.listen({ port: 0, host: '127.0.0.1' });
    const client = createRagClient({ baseUrl, key: TEST_KEY });
    const open = close();
    const document = { content: '# Animals\n\nA walrus sleeps.', content_type: 'text/markdown' };
    await rag.call('PUT', '/v1/collections/told/documents/a', document);
    const told: string[] = [];
    const follow = async () => {
      for await (const { event, data } of client.collectionEvents('told')) {
        told.push(`${event}: ${data.embedded_chunks} of ${data.chunks}, ${data.embedding_model}`);
        if (data.embedded_chunks === data.chunks) await client.deleteCollection('told');
        else open();
      }
    };
    await expect(follow()).rejects.toMatchObject({ code: 'COLLECTION_NOT_FOUND' });
    expect(told).toEqual(['collection: 0 of 1, first', 'collection: 1 of 1, first']);
    await expect(follow()).rejects.toMatchObject({ status: 404 });
  });

  test('goes on after a document is deleted, and the model with its process', async () => {
    const open = close();
    for (const id of ['e', 'f', 'g']) await rag.put(id, `# ${id}\n\nThe animal ${id} sleeps.`);
    await rag.call('DELETE', '/v1/collections/default/documents/f');
    await rename(file('first'), file('away'));
    process.kill(pidOf(models, 'embed'), 'SIGKILL');
    open();
    await vi.waitFor(() => expect(used.state().status).not.toBe('ready'), WAIT);
    expect((await check()).status).toBe('ok');
    await rename(file('away'), file('first'));
    await untilWhole();
    expect((await check()).detail).toMatchObject({ embedded: 7, quarantined: 1 });
    expect(logged.filter((line) => line.includes('no chunk can be embedded')).length).toBeLessThan(3);
  });

  test('embeds anew for another model, and never compares the vectors of two', async () => {
    writeRandomBert(file('second'), 'embed', {
      width: 96,
      layers: 1,
      heads: 2,
      feedForward: 96,
      contextTokens: 512,
    });
    await using others = openTestModels({ embed: file('second') });
    await untilState(others.models.embedder, 'ready');
    const open = close();
    const first = used;
    used = others.models.embedder;
    expect((await search()).body).toMatchObject({ retrieval: { mode: 'lexical' }, degraded: ['embedder'] });
    expect(await search('dense')).toMatchObject({ status: 503, body: { code: 'EMBEDDER_NOT_READY' } });
    await rag.put('h', '# Whales\n\nA whale dives.');
    open();
    await vi.waitFor(
      async () => expect(await check()).toMatchObject({ detail: { model: 'second', pending: 0 } }),
      WAIT,
    );
    expect((await search('dense')).body).toMatchObject({ retrieval: { mode: 'dense' }, degraded: [] });
    expect(await collection()).toMatchObject({ embedding_model: 'second', embedding_dimensions: 96 });
    used = first;
  });
});

test('a process that was killed goes on where it stopped', { timeout: 30_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rag-embed-'));
  const path = join(dir, 'rag.sqlite');
  const count = 300;
  const before = await openSqliteStore({ path, readers: 1 });
  await Promise.all(
    Array.from({ length: count }, (_, n) => before.upsertDocument(newDocument(`d${n}`, `walrus ${n}`))),
  );
  await before.close();
  await embedUntilKilled(path, count / 3);
  await using store = await openSqliteStore({ path, readers: 1 });
  const { embedded = 0 } = (await store.vectors.stats()).made ?? {};
  expect(embedded).toBeGreaterThan(0);
  expect(embedded).toBeLessThan(count);
  const texts: string[] = [];
  const embedding = startEmbedding({
    vectors: store.vectors,
    embedder: createCountedEmbedder((text) => texts.push(text)),
    log: createLogger({ name: 'rag', level: 'silent' }),
  });
  await vi.waitFor(async () => expect((await store.vectors.stats()).made?.pending).toBe(0), WAIT);
  await embedding.close();
  expect(texts).toHaveLength(count - embedded);
  await rm(dir, { recursive: true });
});

async function embedUntilKilled(path: string, texts: number): Promise<void> {
  const entry = fileURLToPath(new URL('./testing/embed-forever.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let count = 0;
  for await (const _ of createInterface({ input: child.stdout })) {
    count += 1;
    if (count === texts) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
