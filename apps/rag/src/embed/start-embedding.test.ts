import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@xnai/service';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { openSqliteStore } from '../store/sqlite-store.ts';
import { startEmbedding } from './start-embedding.ts';
import { createCountedEmbedder } from './testing/counted-embedder.ts';

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
