import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAbsentEmbedder } from '@xnai/inference/testing';
import { createLogger } from '@xnai/service';
import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { startEmbedding } from './start-embedding.ts';
import { createCountedEmbedder } from './testing/counted-embedder.ts';

test('without a model that is wanted, vectors of an earlier one go, and the log says so once', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rag-embed-'));
  await using store = await openSqliteStore({ path: join(folder, 'rag.sqlite'), readers: 1 });
  const { vectors } = store;
  await vectors.begin({ id: 'old', model: 'old', dimensions: 4 });
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  for (let start = 0; start < 2; start += 1) {
    const embedding = startEmbedding({ vectors, embedder: createAbsentEmbedder(), isOff: true, log });
    await vi.waitFor(async () => expect(await vectors.stats()).toEqual({}), { timeout: 10_000 });
    await expect.poll(() => vectors.discard(), { timeout: 10_000 }).toBe(false);
    await embedding.close();
  }
  expect(log.info.mock.calls).toEqual([
    [{}, 'no embedding model is set: vectors of an earlier one are deleted'],
  ]);
  await rm(folder, { recursive: true });
});

test('without a model that is wanted, vectors of other replicas stay', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rag-embed-'));
  await using store = await openSqliteStore({ path: join(folder, 'rag.sqlite'), readers: 1 });
  const { vectors } = store;
  await vectors.begin({ id: 'theirs', model: 'theirs', dimensions: 4 });
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const lead = vi.fn();
  const embedding = startEmbedding({ vectors, embedder: createAbsentEmbedder(), isOff: true, log, lead });
  await embedding.close();
  expect(await vectors.discard()).toBe(true);
  expect(lead).not.toHaveBeenCalled();
  await rm(folder, { recursive: true });
});

test('while the store fails the chunks by state are unknown, and the other metrics are told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rag-embed-'));
  const { vectors, close } = await openSqliteStore({ path: join(folder, 'rag.sqlite'), readers: 1 });
  const embedding = startEmbedding({
    vectors,
    embedder: createCountedEmbedder(() => {}),
    log: createLogger({ name: 'rag', level: 'silent' }),
  });
  const registry = new Registry();
  embedding.registerMetrics(registry);
  expect(await registry.metrics()).toContain('rag_embedding_chunks{state="pending"} 0');
  await embedding.close();
  await close();
  const metrics = await registry.metrics();
  expect(metrics).toContain('rag_embedding_chunks{state="pending"} Nan');
  expect(metrics).toContain('rag_embedding_texts_total');
  await rm(folder, { recursive: true });
});
