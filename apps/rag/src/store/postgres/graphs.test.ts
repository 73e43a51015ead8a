import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../postgres-store.ts';
import { createClusters } from '../testing/clusters.ts';
import { newDocument } from '../testing/new-document.ts';
import { openPglite } from '../testing/open-pglite.ts';
import type { VectorSet } from '../vectors.ts';

const SET: VectorSet = { id: 'set', model: 'model', dimensions: 16 };
const SMALL = { limits: { least: 30, leastOfMore: 70, kept: 10 }, lookEveryMs: 1 };
const NEVER = { limits: { least: 1_000, leastOfMore: 1_000, kept: 1 }, lookEveryMs: 1_000_000 };

let server: Awaited<ReturnType<typeof openPglite>>;
let store: PostgresStore;
const nextVector = createClusters({ dimensions: SET.dimensions, clusters: 4 });

const faults: unknown[] = [];

beforeAll(async () => {
  server = await openPglite();
  store = await openPostgresStore({
    url: server.url,
    connections: 1,
    graphs: SMALL,
    onFault: (error) => faults.push(error),
  });
  await store.vectors.begin(SET);
});

afterAll(async () => {
  await store.close();
  await server[Symbol.asyncDispose]();
});

async function sql(statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

const graphs = async () => {
  const rows = await sql(`SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid
    WHERE relname ~ '^vectors_.*(_of_|_nearest)' AND indisvalid ORDER BY relname`);
  return rows.map((row) => (row as { relname: string }).relname);
};

async function put(collection: string, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1)
    await store.upsertDocument({ ...newDocument(`${n}`, `${collection} ${n}`), collection });
}

async function embed(most: number): Promise<void> {
  const texts = await store.vectors.pending(most);
  await store.vectors.put(
    SET.id,
    texts.map(({ hash }) => ({ hash, vector: nextVector() })),
  );
}

test('large collections get a graph of their own, once their vectors are there, and others none', async () => {
  await put('large', 0, 80);
  await put('middle', 0, 40);
  await put('small', 0, 5);
  // As an older release left it.
  await sql(
    'CREATE INDEX vectors_1_nearest ON xnai.vectors_1 USING hnsw (embedding public.halfvec_cosine_ops)',
  );
  await sql('CREATE INDEX vectors_1_of_2 ON xnai.vectors_1 USING hnsw (embedding public.halfvec_cosine_ops)');
  // As one whose making was stopped.
  await sql(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'xnai.vectors_1_of_2'::regclass`);
  await embed(60);
  await expect.poll(graphs).toEqual(['vectors_1_nearest']);
  await embed(15);
  await expect.poll(graphs).toEqual(['vectors_1_nearest', 'vectors_1_of_1']);
  await embed(1_000);
  await expect.poll(graphs).toEqual(['vectors_1_of_1', 'vectors_1_of_2']);
});

test('by a graph the same chunks are found as without one', async () => {
  await using other = await openPostgresStore({ url: server.url, connections: 1, graphs: NEVER });
  for (const collection of ['large', 'middle', 'small']) {
    const query = { collection, k: 5, vector: { set: SET.id, values: nextVector() } };
    const [ours, theirs] = [await store.search(query), await other.search(query)];
    expect(ours.dense).toHaveLength(5);
    expect(ours.dense).toEqual(theirs.dense);
  }
});

test('a graph that cannot be made is tried again, ever later, while nothing is written', async () => {
  await sql(`CREATE FUNCTION fail() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE 'the disk is full' USING errcode = '53100'; END $$`);
  await sql(
    `CREATE EVENT TRIGGER fail ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION fail()`,
  );
  await put('other', 0, 31);
  await embed(100);
  const before = await graphs();
  await expect.poll(() => faults.length).toBeGreaterThan(3);
  expect(faults[0]).toMatchObject({ code: '53100' });
  await sql('DROP EVENT TRIGGER fail');
  await expect.poll(graphs).toEqual([...before, 'vectors_1_of_4'].sort());
  await store.deleteCollection('other');
});

test('a graph goes with its collection, and when few chunks are left', async () => {
  await store.deleteCollection('large');
  await expect.poll(graphs).toEqual(['vectors_1_of_2']);
  for (let n = 0; n < 31; n += 1) await store.deleteDocument({ collection: 'middle', id: `${n}` });
  await expect.poll(graphs).toEqual([]);
  const { dense } = await store.search({
    collection: 'middle',
    k: 50,
    vector: { set: SET.id, values: nextVector() },
  });
  expect(dense).toHaveLength(9);
});
