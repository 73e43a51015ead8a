import { analyse } from '@xnai/text/analyse';
import { expect, test } from 'vitest';
import { openPostgresStore } from '../../postgres-store.ts';
import { newDocument } from '../../testing/new-document.ts';
import { openPglite } from '../../testing/open-pglite.ts';
import { openConnections } from '../connections.ts';
import { matchWords } from './match-words.ts';

const COUNT = 60;
const collection = 'default';

test('a table that the server would rather read whole gives the chunks and scores of its index', async () => {
  await using server = await openPglite({ hasTextsearch: true });
  await using store = await openPostgresStore({ url: server.url, connections: 1 });
  await using connections = openConnections({ url: server.url, size: 1 });
  for (let n = 0; n < COUNT; n += 1) {
    const [walrus, otter] = [n % 3 === 0 ? n % 5 : 0, n % 4 === 1 ? 1 : 0];
    const text = `${'walrus '.repeat(walrus)}seal ${'otter '.repeat(otter)} of number${n}.`;
    await store.upsertDocument(newDocument(`d${n}`, text));
  }
  await connections.write((db) => db.run('ANALYZE words_1'));
  const found = (pageCost: number) =>
    connections.read(async (db) => {
      // As with long chunks, each of which is in a page of its own.
      await db.run(`SET LOCAL random_page_cost = ${pageCost}`);
      const all = [];
      for (const { term } of analyse('walrus otter seal'))
        for (const documents of [
          undefined,
          { sql: 'SELECT id FROM documents WHERE id % 2 = 1', values: [] },
        ]) {
          const query = { collection: 1, asked: new Map([[term, 1]]), documents, most: COUNT };
          all.push(await matchWords(db, query));
        }
      const settings = await db.get(
        `SELECT current_setting('enable_seqscan') AS scan, current_setting('enable_sort') AS sort`,
      );
      return { all, settings };
    });
  const ofIndex = await found(1);
  expect(new Set(ofIndex.all[0]?.map(({ score }) => score)).size).toBeGreaterThan(3);
  expect(await found(1_000)).toEqual(ofIndex);
  expect(ofIndex.settings).toEqual({ scan: 'on', sort: 'on' });

  const documentsOf = async (text: string) => {
    const { lexical } = await store.search({ collection, text, k: COUNT });
    return lexical.map(({ chunk }) => chunk.documentId).sort();
  };
  const byWords = await documentsOf('walrus otter');
  await connections.write((db) => db.run('DROP EXTENSION pg_textsearch CASCADE'));
  expect(byWords).toEqual(await documentsOf('walrus otter'));
});
