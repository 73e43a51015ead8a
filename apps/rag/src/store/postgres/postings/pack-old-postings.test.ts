import pg from 'pg';
import { expect, test } from 'vitest';
import { openPostgresStore } from '../../postgres-store.ts';
import { newDocument } from '../../testing/new-document.ts';
import { openPglite } from '../../testing/open-pglite.ts';
import { MIGRATIONS } from '../schema.ts';
import { packOldPostings } from './pack-old-postings.ts';

/** What formats had before lists. */
const BACK_TO_ROWS = `
  CREATE TABLE xnai.postings (collection integer NOT NULL, term text COLLATE "C" NOT NULL, chunk bigint NOT NULL,
    weight real NOT NULL, length integer NOT NULL, PRIMARY KEY (collection, term, chunk) INCLUDE (weight, length));
  CREATE INDEX postings_chunk ON xnai.postings (chunk);
  INSERT INTO xnai.postings SELECT r.collection, w.key, r.chunk, get_byte(decode(w.value, 'hex'), 0) / 2.0, r.length
    FROM xnai.recent_terms r CROSS JOIN LATERAL jsonb_each_text(r.weights) w;
  DROP TABLE xnai.recent_terms, xnai.segments, xnai.term_lists, xnai.removed_chunks, xnai.leads, xnai.deleted_collections,
    xnai.set_checks, xnai.word_tables;
  DROP INDEX xnai.documents_collection`;

test('a database whose postings were rows is read as before', async () => {
  await using server = await openPglite();
  const open = () => openPostgresStore({ url: server.url, connections: 1 });
  const format = MIGRATIONS.findIndex((one) => typeof one === 'string' && one.includes('TABLE recent_terms'));
  const before = await open();
  await before.upsertDocument(newDocument('a', '# Tide\n\nThe ferry waits for the tide.'));
  await before.upsertDocument(newDocument('b', 'The crane lifts the ferry, and the ferry waits.'));
  await before.upsertDocument({ ...newDocument('c', 'A ferry of another collection.'), collection: 'other' });
  const ask = async (store: typeof before) => [
    await store.search({ collection: 'default', text: 'ferry tide', k: 10 }),
    await store.search({ collection: 'other', text: 'ferry', k: 10 }),
    await store.termStatistics('default', ['ferri', 'tide', 'crane']),
  ];
  const found = await ask(before);
  await before.close();
  await run(server.url, [...BACK_TO_ROWS.split(';'), `UPDATE xnai.format SET version = ${format}`]);
  await using after = await open();
  expect(withoutTimes(await ask(after))).toEqual(withoutTimes(found));
  expect(await run(server.url, ['SELECT count(*)::int AS lists FROM xnai.term_lists'])).not.toEqual([
    { lists: 0 },
  ]);
  // What is written from then on is found beside it.
  await after.upsertDocument(newDocument('a', 'The tide is out.'));
  expect(await after.termStatistics('default', ['ferri', 'tide'])).toEqual({
    chunks: 2,
    frequencies: [1, 1],
  });
});

test('writers of an older release end before their rows are packed', async () => {
  const statements: string[] = [];
  const told = <T>(value: T) => {
    return async (sql: string) => {
      statements.push(sql);
      return value;
    };
  };
  const db = { run: told(0), get: told({ first: 1, last: 1 }), all: told([]), atEnd: () => {} };
  await packOldPostings(db);
  expect(statements[0]).toBe('LOCK TABLE postings IN ACCESS EXCLUSIVE MODE');
  expect(statements.at(-1)).toBe('DROP TABLE postings');
});

function withoutTimes(answers: readonly object[]) {
  return answers.map((answer) => ({ ...answer, tookMs: undefined }));
}

async function run(url: string, statements: readonly string[]): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let rows: readonly unknown[] = [];
  for (const sql of statements) rows = (await client.query(sql)).rows;
  await client.end();
  return rows;
}
