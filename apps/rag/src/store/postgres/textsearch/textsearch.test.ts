import { analyse } from '@xnai/text/analyse';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../postgres-store.ts';
import { newDocument } from '../../testing/new-document.ts';
import { openPglite } from '../../testing/open-pglite.ts';
import { openConnections } from '../connections.ts';
import { lookAt } from '../look.ts';
import { matchWords } from './match-words.ts';
import { wordOf } from './words.ts';

let server: Awaited<ReturnType<typeof openPglite>>;
let store: PostgresStore;
beforeAll(async () => {
  server = await openPglite({ hasTextsearch: true });
  store = await openPostgresStore({ url: server.url, connections: 1 });
});
beforeEach(async () => {
  await store.deleteCollection(collection);
  await sql('DROP EXTENSION IF EXISTS pg_textsearch CASCADE');
  await untilDone();
});
afterAll(async () => {
  await store.close();
  await server[Symbol.asyncDispose]();
});

const COUNT = 12;
const collection = 'default';
const put = (id: string, text: string) => store.upsertDocument(newDocument(id, text));
const fill = async () => {
  for (let n = 0; n < COUNT; n += 1) await put(`d${n}`, `The walrus of number${n}.`);
};
const search = async (text: string) =>
  (await store.search({ collection, text, k: 50 })).lexical.map(({ chunk }) => chunk.documentId).sort();
const state = async () => {
  const { engine, unindexed } = await store.stats();
  return { search: engine.search, unindexed };
};
const untilDone = async () => {
  while (await store.reindexNext());
};
const tables = async () =>
  (await sql(`SELECT relname FROM pg_class WHERE relname LIKE 'words%' AND relkind = 'r'`)).map(
    ({ relname }) => relname,
  );

test('an extension that comes later is used once all chunks have words, and never finds less', async () => {
  await fill();
  expect(await state()).toEqual({ search: 'postings', unindexed: 0 });
  expect(await store.reindexNext()).toBe(false);
  expect(await tables()).toEqual([]);

  await sql('CREATE EXTENSION pg_textsearch');
  expect(await state()).toEqual({ search: 'postings', unindexed: COUNT });
  for (let n = 0; n < COUNT / 2; n += 1) await store.reindexNext();
  expect(await state()).toMatchObject({ search: 'postings' });
  expect(await search('walrus')).toHaveLength(COUNT);
  // What is done already, and what is not; and one that comes.
  for (const id of ['d1', 'd9', 'new']) await put(id, `A seal named ${id}.`);
  for (const id of ['d2', 'd10']) await store.deleteDocument({ collection, id });
  const left = ['d0', 'd11', 'd3', 'd4', 'd5', 'd6', 'd7', 'd8'];
  const found = async () => [await search('walrus'), await search('seals')];
  expect(await found()).toEqual([left, ['d1', 'd9', 'new']]);
  const before = (await store.getCollection(collection))?.generation;

  await untilDone();
  expect(await state()).toEqual({ search: 'pg_textsearch 1.5.1', unindexed: 0 });
  expect(await found()).toEqual([left, ['d1', 'd9', 'new']]);
  expect((await store.getCollection(collection))?.generation).not.toBe(before);
});

test('words are what is searched with the extension, and postings at once where it is dropped', async () => {
  await sql('CREATE EXTENSION pg_textsearch');
  await fill();
  expect(await state()).toEqual({ search: 'pg_textsearch 1.5.1', unindexed: 0 });
  expect(await store.reindexNext()).toBe(false);
  const [table] = await tables();
  await sql(`UPDATE xnai.${table} SET words = 'zebra' WHERE chunk = (SELECT min(id) FROM xnai.chunks)`);
  expect([await search('zebra'), (await search('walrus')).length]).toEqual([['d0'], COUNT - 1]);

  await sql('DROP EXTENSION pg_textsearch CASCADE');
  expect([await search('zebra'), (await search('walrus')).length]).toEqual([[], COUNT]);
  expect(await state()).toEqual({ search: 'postings', unindexed: 0 });
  await put('new', 'A seal.');
  await untilDone();
  expect(await tables()).toEqual([]);
  expect(await search('seal')).toEqual(['new']);

  await sql('CREATE EXTENSION pg_textsearch');
  await untilDone();
  expect(await state()).toEqual({ search: 'pg_textsearch 1.5.1', unindexed: 0 });
  expect([await search('zebra'), (await search('walrus')).length]).toEqual([[], COUNT]);
});

test('an index that the extension took along is made anew where it comes back before the tables are dropped', async () => {
  await sql('CREATE EXTENSION pg_textsearch');
  await fill();
  await sql('DROP EXTENSION pg_textsearch CASCADE');
  await sql('CREATE EXTENSION pg_textsearch');
  expect(await search('walrus')).toHaveLength(COUNT);
  await untilDone();
  expect(await state()).toEqual({ search: 'pg_textsearch 1.5.1', unindexed: 0 });
  expect(await search('walrus')).toHaveLength(COUNT);
});

test('a deleted collection takes its words along, also before they are whole', async () => {
  await fill();
  await sql('CREATE EXTENSION pg_textsearch');
  for (let n = 0; n < 4; n += 1) await store.reindexNext();
  expect(await tables()).toHaveLength(1);
  await store.deleteCollection(collection);
  await expect.poll(tables).toEqual([]);
  await untilDone();
  expect(await state()).toEqual({ search: 'pg_textsearch 1.5.1', unindexed: 0 });
});

test('a look says by what terms are found', async () => {
  const said = async () => (await lookAt({ url: server.url, password: undefined })).facts?.search;
  expect(await said()).toBe('postings');
  await sql('CREATE EXTENSION pg_textsearch');
  expect(await said()).toBe('pg_textsearch 1.5.1');
});

test('gives none where a filter leaves fewer of the best than are wanted, and what it leaves elsewhere', async () => {
  await sql('CREATE EXTENSION pg_textsearch');
  for (let n = 0; n < COUNT; n += 1) await put(`d${n}`, `${'walrus '.repeat(COUNT - n)} seal`);
  await using connections = openConnections({ url: server.url, size: 1 });
  const rows = await sql('SELECT id, collection FROM xnai.documents ORDER BY id');
  const ids = rows.map(({ id }) => Number(id));
  const among = (where: string, most: number, word = 'walrus') =>
    connections.read(async (db) => {
      const asked = new Map([[analyse(word)[0]?.term ?? word, 1]]);
      const documents = { sql: `SELECT id FROM documents WHERE ${where}`, values: [] };
      const found = await matchWords(db, {
        collection: Number(rows[0]?.['collection']),
        asked,
        documents,
        most,
      });
      return found?.map(({ document }) => document);
    });
  const [first, second] = ids;
  // Eight are looked at.
  expect(await among('id > 0', 2)).toEqual([first, second]);
  expect(await among(`id = ${first}`, 2)).toBeUndefined();
  expect(await among(`id = ${ids.at(-1)}`, 2)).toBeUndefined();
  // All twelve are.
  expect(await among(`id = ${first}`, 4)).toEqual([first]);
  expect(await among('id > 0', 4, 'nothing')).toBeUndefined();
});

test('a word of any term is one word of the server, and is left as it is', async () => {
  await using connections = openConnections({ url: server.url, size: 1 });
  const terms = [
    'walrus',
    'the',
    'v1.2',
    '2024',
    'a@b.example',
    'http://x.example/y',
    'C++',
    '北京',
    '🙂',
    `'`,
    'y'.repeat(500),
  ];
  for (const term of terms) {
    const row = await connections.read((db) =>
      db.get(`SELECT tsvector_to_array(to_tsvector('pg_catalog.simple', $1)) AS words`, wordOf(term)),
    );
    expect(row?.['words']).toEqual([wordOf(term)]);
  }
});

async function sql(statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
