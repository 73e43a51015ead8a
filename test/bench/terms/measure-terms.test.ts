import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '@xnai/rag/sqlite-store';
import { openPglite } from '@xnai/rag/testing/pglite';
import { openPostgresStore } from '@xnai/rag/testing/postgres';
import { expect, test } from 'vitest';
import { readEvalSet } from '../eval/beir.ts';
import { measureTerms } from './measure-terms.ts';

const SET = fileURLToPath(new URL('../sets/harbour', import.meta.url));

test('pg_textsearch ranks as SQLite does', async () => {
  const set = await readEvalSet(SET);
  const folder = await mkdtemp(join(tmpdir(), 'xnai-terms-'));
  const file = await openSqliteStore({ path: join(folder, 'index.sqlite') });
  const inFile = await measureTerms(file, set);
  await file.close();
  await rm(folder, { recursive: true });
  await using server = await openPglite({ hasTextsearch: true });
  const database = await openPostgresStore({ url: server.url, connections: 1 });
  const byWords = await measureTerms(database, set);
  await database.close();
  expect([inFile.way, byWords.way]).toEqual(['fts5', 'pg_textsearch 1.5.1']);
  expect(inFile.ndcg10).toBeGreaterThan(0.8);
  expect(Math.abs(byWords.ndcg10 - inFile.ndcg10)).toBeLessThan(0.005);
});
