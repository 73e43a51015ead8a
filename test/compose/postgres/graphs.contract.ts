import { newDocument, openPostgresStore, type PostgresStore } from '@xnai/rag/testing/postgres';
import { describe, expect, it } from 'vitest';
import { type Database, makeDatabase } from './database.ts';
import type { PostgresServer } from './server.ts';

const SET = { id: 'set', model: 'model', dimensions: 32 };
const LARGE = 12_000;
const BESIDE = 5_500;
const K = 20;

/** Around the middles of eight clusters, of which each collection has all. */
const VECTOR = `(ARRAY(SELECT (random() + CASE WHEN c.id % 8 = g % 8 THEN 0.7 ELSE 0 END)::real
  FROM generate_series(1, 32) AS g))::halfvec(32)`;

/** As if chunks with vectors had been written to the one document of a collection. */
async function fill({ sql }: Database, collection: number, chunks: number): Promise<void> {
  await sql(`INSERT INTO chunks (document, ordinal, start_at, end_at, lead, text, heading, context, text_hash)
    SELECT d.id, n, 0, 0, '', 'text', '[]', '', decode(md5(d.id || ' ' || n), 'hex')
    FROM documents d, generate_series(1, ${chunks - 1}) AS n WHERE d.collection = ${collection}`);
  await sql(
    `UPDATE counts SET chunks = chunks + ${chunks - 1} WHERE collection = ${collection} AND slot = 0`,
  );
  await sql(`INSERT INTO vectors_1 SELECT c.id, ${collection}, ${VECTOR}, false
    FROM chunks c JOIN documents d ON d.id = c.document WHERE d.collection = ${collection}`);
  await sql(`DELETE FROM pending_chunks WHERE collection = ${collection}`);
}

async function open(url: string): Promise<PostgresStore> {
  const limits = { least: 5_000, leastOfMore: 20_000, kept: 2_500 };
  return openPostgresStore({ url, connections: 4, graphs: { limits, lookEveryMs: 100 } });
}

const graphs = async ({ sql }: Database) =>
  (
    await sql(`SELECT relname, indisvalid FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE relname LIKE 'vectors%of%' ORDER BY relname`)
  ).map((row) => [row.relname, row.indisvalid]);

/** Of the nearest to some vectors of a collection, how many a search finds. */
async function recall(store: PostgresStore, { sql }: Database, collection: string): Promise<number> {
  const asked =
    await sql(`SELECT v.embedding::text AS vector FROM vectors_1 v JOIN collections c ON c.id = v.collection
    WHERE c.name = '${collection}' ORDER BY md5(v.chunk::text) LIMIT 10`);
  let found = 0;
  for (const { vector } of asked) {
    const values = Float32Array.from(JSON.parse(vector) as number[]);
    const { dense = [] } = await store.search({ collection, k: K, vector: { set: SET.id, values } });
    const nearest =
      await sql(`SELECT c.ordinal FROM vectors_1 v JOIN chunks c ON c.id = v.chunk JOIN collections l
      ON l.id = v.collection WHERE l.name = '${collection}' ORDER BY (v.embedding <=> '${vector}') + 0 LIMIT ${K}`);
    const wanted = new Set(nearest.map(({ ordinal }) => ordinal as number));
    found += dense.filter(({ chunk }) => wanted.has(chunk.ordinal)).length;
  }
  return found / (asked.length * K);
}

export function describeGraphs(server: () => PostgresServer): void {
  describe('a large collection', () => {
    it('gets an index of its own vectors from one of two replicas, and is searched rightly at every moment', async () => {
      const database = await makeDatabase(server(), 'graphs');
      await using a = await open(database.url);
      await using b = await open(database.url);
      await a.vectors.begin(SET);
      for (const collection of ['large', 'beside'])
        await a.upsertDocument({ ...newDocument('all', `the first of ${collection}`), collection });
      await fill(database, 1, LARGE);
      await fill(database, 2, BESIDE);
      const note = (store: PostgresStore) =>
        store.upsertDocument({ ...newDocument('x', 'more'), collection: 'x' });

      await Promise.all([note(a), note(b)]);
      await expect
        .poll(() => database.sessions('CREATE INDEX'), { interval: 20, timeout: 5_000 })
        .not.toEqual([]);
      expect(await recall(b, database, 'beside')).toBeGreaterThan(0.95);
      // What was stopped is begun anew.
      await database.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'xnai-rag graphs' AND datname = 'graphs'`);
      await Promise.all([note(a), note(b)]);
      const BOTH = [
        ['vectors_1_of_1', true],
        ['vectors_1_of_2', true],
      ];
      await expect.poll(() => graphs(database), { timeout: 20_000 }).toEqual(BOTH);
      expect(await recall(a, database, 'beside')).toBeGreaterThan(0.95);
      expect(await recall(b, database, 'large')).toBeGreaterThan(0.95);
      const [plan] =
        await database.sql(`EXPLAIN (FORMAT JSON) SELECT chunk FROM vectors_1 WHERE collection = 2
        ORDER BY embedding <=> (SELECT embedding FROM vectors_1 LIMIT 1) LIMIT 20`);
      expect(JSON.stringify(plan)).toContain('vectors_1_of_2');

      await b.deleteCollection('beside');
      await expect.poll(() => graphs(database), { timeout: 10_000 }).toEqual([['vectors_1_of_1', true]]);
      expect(await recall(a, database, 'large')).toBeGreaterThan(0.95);
    });
  });
}
