import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../store/postgres-store.ts';
import { openSqliteStore, type SqliteStore } from '../store/sqlite-store.ts';
import { newDocument } from '../store/testing/new-document.ts';
import { openPglite } from '../store/testing/open-pglite.ts';
import { moveStore } from './move-store.ts';
import { requireTwo } from './open-ends.ts';

const SET = { id: 'set-1', model: 'bge', dimensions: 70 };
const web = { metadata: { trust: 'web', depth: 1 }, links: ['https://a.example/next'] };

let dir: string;
let server: Awaited<ReturnType<typeof openPglite>>;
let database: PostgresStore;
let first: SqliteStore;
let last: SqliteStore;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-engines-'));
  server = await openPglite();
  database = await openPostgresStore({ url: server.url });
  [first, last] = [
    await openSqliteStore({ path: join(dir, 'first.sqlite') }),
    await openSqliteStore({ path: join(dir, 'last.sqlite') }),
  ];
});
afterAll(async () => {
  for (const part of [first, last, database, server]) await part?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

test('what goes from SQLite to PostgreSQL and back is what it was', async () => {
  await first.upsertDocument(
    newDocument('a', '# Guide\n\nOne é 😀.\n\n- two\n- three\n', { metadata: { z: 1 } }),
  );
  await first.upsertDocument(newDocument('b', 'plain', { contentType: 'text/plain', collection: 'other' }));
  await first.upsertDocument(
    newDocument('w1', 'One text.', { ...web, url: 'https://a.example/?x', title: 'First' }),
  );
  await first.upsertDocument(
    newDocument('w2', 'One text.', { ...web, url: 'https://a.example/', title: 'Second' }),
  );
  await first.vectors.begin(SET);
  const vectors = (await first.vectors.pending(9)).map(({ hash }, n) => ({
    hash,
    vector: Float32Array.from(
      { length: SET.dimensions },
      (_, at) => Math.sin((n + 1) * (at + 1)) / (at + 1) ** 2,
    ),
  }));
  await first.vectors.put(SET.id, vectors);

  const move = (from: SqliteStore | PostgresStore, to: SqliteStore | PostgresStore) =>
    moveStore({ from, to, replace: false, signal: new AbortController().signal, onProgress: () => {} });
  const whole = { documents: 3, copied: 3, passes: 2, isWhole: true, vectors: [{ embedded: 3, pending: 0 }] };
  expect(await move(first, database)).toMatchObject(whole);
  expect(await move(database, last)).toMatchObject(whole);
  for (const key of [
    { collection: 'default', id: 'a' },
    { collection: 'other', id: 'b' },
    { collection: 'default', id: 'w2' },
  ]) {
    expect(await last.exportDocument(key)).toEqual(await first.exportDocument(key));
    expect(await last.documentVectors(SET.id, key)).toEqual(await first.documentVectors(SET.id, key));
  }
});

test('a database is the same whoever asks for it', async () => {
  const same = requireTwo('postgres://one@db/xnai', 'postgresql://two:secret@db:5432/xnai');
  await expect(same).rejects.toThrow(/both postgres:\/\/db:5432\/xnai/);
  await requireTwo('postgres://one@db/xnai', 'postgres://one@db/other');
});
