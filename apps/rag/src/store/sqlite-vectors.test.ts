import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { mountTmpfs } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import { createClusters } from './testing/clusters.ts';
import { directionOf } from './testing/directions.ts';
import { makeOld } from './testing/make-old.ts';
import { newDocument } from './testing/new-document.ts';
import type { VectorSet } from './vectors.ts';

const DIMENSIONS = 384;
const SMALL: VectorSet = { id: 'small', model: 'small', dimensions: DIMENSIONS };
const LARGE: VectorSet = { id: 'large', model: 'large', dimensions: 2 * DIMENSIONS };

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-vectors-'));
  path = join(dir, 'rag.sqlite');
});
afterEach(() => rm(dir, { recursive: true }));

/** Embeds what is pending, and returns how many texts that were. */
async function embed(
  store: Store,
  { id, dimensions }: VectorSet,
  vectorOf = (text: string) => directionOf(text, dimensions),
): Promise<number> {
  for (let count = 0; ; ) {
    const texts = await store.vectors.pending(500);
    if (texts.length === 0) return count;
    count += texts.length;
    await store.vectors.put(
      id,
      texts.map(({ hash, text }) => ({ hash, vector: vectorOf(text) })),
    );
  }
}

test('of 10,000 tiny chunks find 0.98 of the exact 50 nearest, and take at most 450 bytes each', {
  timeout: 120_000,
}, async () => {
  await using store = await openSqliteStore({ path, readers: 1 });
  await store.vectors.begin(SMALL);
  const sections = Array.from({ length: 10_000 }, (_, n) => `## ${n}\n\nseal`);
  await store.upsertDocument(newDocument('a', sections.join('\n\n')));
  const next = createClusters({ dimensions: DIMENSIONS, clusters: 100 });
  const vectors: Float32Array[] = [];
  expect(
    await embed(store, SMALL, (text) => {
      const vector = next();
      vectors[Number(text.split('\n')[0])] = vector;
      return vector;
    }),
  ).toBe(10_000);
  let found = 0;
  for (let question = 0; question < 20; question += 1) {
    const values = next();
    const nearest = exactNearest(values, vectors, 50);
    const { dense } = await store.search({ collection: 'default', k: 50, vector: { set: SMALL.id, values } });
    expect(dense).toHaveLength(50);
    found += dense?.filter(({ chunk }) => nearest.has(chunk.ordinal)).length ?? 0;
  }
  expect(found / 1_000).toBeGreaterThanOrEqual(0.98);
  expect(vectorBytes(path) / 10_000).toBeLessThanOrEqual(450);
});

test('are all pending in an index of an older format, and are made of its texts', {
  timeout: 60_000,
}, async () => {
  const filled = await openSqliteStore({ path, readers: 1 });
  for (let n = 0; n < 30; n += 1) {
    const sections = Array.from({ length: 20 }, (_, s) => `## ${s}\n\nseal${n % 20} ${s}`);
    await filled.upsertDocument(newDocument(`d${n}`, sections.join('\n\n')));
  }
  await filled.close();
  makeOld(path);
  await using store = await openSqliteStore({ path, readers: 1 });
  await store.vectors.begin(SMALL);
  expect(await store.vectors.stats()).toMatchObject({
    searched: undefined,
    made: { embedded: 0, pending: 600 },
  });
  // Ten documents have the texts of ten others, some of which are read once those are embedded.
  expect(await embed(store, SMALL)).toBe(400);
  expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'small', embedded: 600, pending: 0 } });
  const vector = { set: SMALL.id, values: directionOf('19', DIMENSIONS) };
  const { dense } = await store.search({ collection: 'default', k: 30, vector });
  expect(dense?.map(({ chunk }) => chunk.text.split(' ')[1])).toEqual(Array(30).fill('19'));
});

test('are made of texts that an older release gave up as too long', async () => {
  const filled = await openSqliteStore({ path, readers: 1 });
  await filled.vectors.begin(SMALL);
  await filled.upsertDocument(newDocument('a', 'about walruses'));
  const [text] = await filled.vectors.pending(1);
  await filled.vectors.quarantine(SMALL.id, { hash: text?.hash ?? '', reason: 'the text is too long' });
  await filled.close();
  const old = new DatabaseSync(path);
  old.exec('DROP INDEX vectors_divided; ALTER TABLE vectors DROP COLUMN is_divided; PRAGMA user_version = 5');
  old.close();
  await using store = await openSqliteStore({ path, readers: 1 });
  expect(await store.vectors.stats()).toMatchObject({ made: { pending: 1, quarantined: 0 } });
  expect(await embed(store, SMALL)).toBe(1);
});

test('are in a copy of the index, as backups make it', async () => {
  await using store = await openSqliteStore({ path, readers: 1 });
  await store.vectors.begin(SMALL);
  await store.upsertDocument(newDocument('a', 'about walruses'));
  await embed(store, SMALL);
  const copied = join(dir, 'copy.sqlite');
  using source = new DatabaseSync(path, { readOnly: true });
  await backup(source, copied);
  await using copy = await openSqliteStore({ path: copied, readers: 1 });
  const vector = { set: SMALL.id, values: directionOf('walruses', DIMENSIONS) };
  const { dense } = await copy.search({ collection: 'default', k: 1, vector });
  expect(dense).toMatchObject([{ chunk: { documentId: 'a' } }]);
});

describe('of another set', { timeout: 60_000 }, () => {
  const sections = Array.from({ length: 2_000 }, (_, n) => `## ${n}\n\nseal ${n}`).join('\n\n');

  /** An index with vectors of the small set, where another one may be begun; returns its bytes. */
  const fillSmall = async (next?: VectorSet) => {
    const filled = await openSqliteStore({ path, readers: 1 });
    await filled.vectors.begin(SMALL);
    await filled.upsertDocument(newDocument('a', sections));
    await embed(filled, SMALL);
    if (next !== undefined) await filled.vectors.begin(next);
    await filled.close();
    return (await stat(path)).size;
  };

  test('leave nothing of the old one behind once they are searched', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    await store.vectors.begin(SMALL);
    await store.upsertDocument(newDocument('a', sections));
    await embed(store, SMALL);
    await store.vectors.begin(LARGE);
    await embed(store, LARGE);
    await expect.poll(() => rowsIn(path, 'vector_sets'), { timeout: 60_000 }).toBe(1);
    expect(rowsIn(path, 'vectors')).toBe(2_000);
    expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'large', embedded: 2_000 } });
  });

  test('have the room of the old one where both do not fit, and search is lexical meanwhile', async () => {
    const maxBytes = (await fillSmall()) + 900_000;
    await using store = await openSqliteStore({ path, readers: 1, maxBytes });
    await store.vectors.begin(LARGE);
    expect(await store.vectors.stats()).toMatchObject({
      searched: undefined,
      made: { id: 'large', embedded: 0, pending: 2_000 },
    });
    const vector = { set: SMALL.id, values: directionOf('7', DIMENSIONS) };
    const meanwhile = await store.search({ collection: 'default', k: 1, text: 'seal', vector });
    expect(meanwhile).toMatchObject({ lexical: [{}], dense: undefined });
    await embed(store, LARGE);
    expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'large', embedded: 2_000 } });
    expect((await stat(path)).size).toBeLessThanOrEqual(maxBytes);
  });

  test('make the old one give way to documents for which there is no room otherwise', async () => {
    const maxBytes = (await fillSmall({ ...SMALL, id: 'other' })) + 100_000;
    await using store = await openSqliteStore({ path, readers: 1, maxBytes });
    expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'small' } });
    const words = Array.from({ length: 8_000 }, (_, n) => `word${n}`).join(' ');
    expect(await store.upsertDocument(newDocument('b', words))).toEqual({ created: true });
    const stats = await store.vectors.stats();
    expect(stats).toMatchObject({ searched: undefined, made: { id: 'other', embedded: 0 } });
    expect(stats.made?.pending).toBeGreaterThan(2_000);
  });

  test('leave the old one where even its room is too little for a document', async () => {
    const maxBytes = (await fillSmall({ ...SMALL, id: 'other' })) + 100_000;
    await using store = await openSqliteStore({ path, readers: 1, maxBytes });
    const words = Array.from({ length: 100_000 }, (_, n) => `word${n}`).join(' ');
    const put = store.upsertDocument(newDocument('b', words));
    await expect(put).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'small', embedded: 2_000 } });
    expect(await store.upsertDocument(newDocument('c', 'walrus'))).toEqual({ created: true });
    expect((await stat(path)).size).toBeLessThanOrEqual(maxBytes);
  });
});

test('are not given up on a nearly full disk for a document that never fits there', async (context) => {
  using _disk = mountTmpfs(context, 'size=24m', dir);
  await using store = await openSqliteStore({ path, readers: 1 });
  await store.vectors.begin(SMALL);
  await store.upsertDocument(newDocument('a', 'about walruses'));
  await embed(store, SMALL);
  await store.vectors.begin({ ...SMALL, id: 'other' });
  const put = store.upsertDocument(newDocument('b', 'walrus '.repeat(700_000)));
  await expect(put).rejects.toMatchObject({ code: 'STORAGE_FULL', message: 'the disk is nearly full' });
  expect(await store.vectors.stats()).toMatchObject({ searched: { id: 'small', embedded: 1 } });
});

test('that are too many for the index are refused, and made once there is room', {
  timeout: 60_000,
}, async () => {
  const filled = await openSqliteStore({ path, readers: 1 });
  await filled.vectors.begin(SMALL);
  for (const id of ['a', 'b']) {
    const sections = Array.from({ length: 1_000 }, (_, n) => `## ${n}\n\nseal ${id} ${n}`);
    await filled.upsertDocument(newDocument(id, sections.join('\n\n')));
  }
  await filled.close();
  const maxBytes = (await stat(path)).size + 320_000;
  await using store = await openSqliteStore({ path, readers: 1, maxBytes });
  const reserved = await stat(`${path}-reserve`);
  await expect(embed(store, SMALL)).rejects.toMatchObject({ code: 'STORAGE_FULL', retryable: true });
  // Nothing can be given up, so that the room for deletions is not touched.
  expect((await stat(`${path}-reserve`)).mtimeMs).toBe(reserved.mtimeMs);
  expect(await store.deleteDocument({ collection: 'default', id: 'a' })).toBe(true);
  await embed(store, SMALL);
  expect(await store.vectors.stats()).toMatchObject({ searched: { embedded: 1_000, pending: 0 } });
});

function exactNearest(question: Float32Array, vectors: readonly Float32Array[], k: number): Set<number> {
  const cosines = vectors.map((vector) => {
    let [dot, squares] = [0, 0];
    for (const [n, value] of vector.entries()) {
      dot += value * (question[n] ?? 0);
      squares += value * value;
    }
    return dot / Math.sqrt(squares);
  });
  const order = [...cosines.keys()].sort((a, b) => (cosines[b] ?? 0) - (cosines[a] ?? 0));
  return new Set(order.slice(0, k));
}

/** What vectors take in all: their tables, and the hashes of texts in `chunks` and its index. */
function vectorBytes(file: string): number {
  using db = new DatabaseSync(file, { readOnly: true });
  const sql = `SELECT sum(pgsize) AS bytes FROM dbstat WHERE aggregate = TRUE AND name IN ('vectors', 'vector_sets',
    'vector_blocks', 'vector_blocks_range', 'vectors_divided', 'pending_chunks', 'quarantined_texts', 'chunks_text', 'chunks_unhashed')`;
  const hashes = db.prepare('SELECT sum(length(text_hash) + 1) AS bytes FROM chunks').get();
  return Number(db.prepare(sql).get()?.['bytes']) + Number(hashes?.['bytes']);
}

function rowsIn(file: string, table: string): number {
  using db = new DatabaseSync(file, { readOnly: true });
  return Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
}
