import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPostgresStore, type PostgresStore } from '../../postgres-store.ts';
import { openSqliteStore } from '../../sqlite-store.ts';
import type { Store } from '../../store.ts';
import { newDocument } from '../../testing/new-document.ts';
import { openPglite } from '../../testing/open-pglite.ts';
import { openConnections } from '../connections.ts';
import { clearSome, manyRemoved } from './clear-removed.ts';

/** So small that a few documents are packed, merged and cleared many times. */
const OFTEN = { chunks: 3, fanIn: 2, most: 24, removed: 4, removedShare: 50 };

let server: Awaited<ReturnType<typeof openPglite>>;
let packed: PostgresStore;
let other: Store;
let folder: string;

beforeAll(async () => {
  server = await openPglite();
  packed = await openPostgresStore({ url: server.url, connections: 1, pack: OFTEN });
  folder = await mkdtemp(join(tmpdir(), 'xnai-pack-'));
  other = await openSqliteStore({ path: join(folder, 'index.sqlite') });
});

afterAll(async () => {
  await other.close();
  await packed.close();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const WORDS = ['harbour', 'crane', 'tide', 'ferry', 'anchor', 'rope', 'quay', 'pilot', 'buoy', 'mast'];

function textOf(n: number): string {
  const words = Array.from({ length: 12 }, (_, at) => WORDS[(n * 7 + at * at * 3 + n * at) % WORDS.length]);
  return `${words.join(' ')} number${n}.`;
}

test('finds the same as a file with the documents that are left, whatever was replaced and deleted', async () => {
  const left = new Map<string, string>();
  for (let n = 0; n < 60; n += 1) {
    const id = `d${n % 40}`;
    await packed.upsertDocument(newDocument(id, textOf(n)));
    left.delete(id);
    left.set(id, textOf(n));
    // Lists that were read are kept, and must not be taken for what they have become.
    await packed.search({ collection: 'default', text: WORDS.join(' '), k: 1 });
    if (n % 5 !== 4) continue;
    await packed.deleteDocument({ collection: 'default', id: `d${(n * 3) % 40}` });
    left.delete(`d${(n * 3) % 40}`);
  }
  // A file still counts for some time what was deleted in it.
  for (const [id, text] of left) await other.upsertDocument(newDocument(id, text));
  for (const text of ['harbour crane', 'ferry', 'pilot of the mast', 'number7 rope', 'number44', 'ancor']) {
    const [ours, theirs] = await Promise.all(
      [packed, other].map((store) => store.search({ collection: 'default', text, k: 50 })),
    );
    expect(idsAndScores(ours)).toEqual(idsAndScores(theirs));
    expect(ours?.near).toEqual(theirs?.near);
  }
  const terms = [...WORDS, 'number3', 'number12', 'number59'];
  expect(await packed.termStatistics('default', terms)).toEqual(await other.termStatistics('default', terms));
  expect(await rowsOf('SELECT count(*) > 0 AS some FROM xnai.term_lists')).toEqual([{ some: true }]);
});

test('leaves few recent chunks, segments and removed chunks', async () => {
  const [row] = await rowsOf(`SELECT (SELECT count(*)::int FROM xnai.recent_terms) AS recent,
    (SELECT count(*)::int FROM xnai.segments) AS segments, (SELECT count(*)::int FROM xnai.removed_chunks) AS removed`);
  expect(row?.['recent']).toBeLessThan(3 * OFTEN.chunks);
  expect(row?.['segments']).toBeLessThan(8);
  expect(row?.['removed']).toBeLessThan(2 * OFTEN.removed);
});

test('segments have about as many chunks as are left, and none is empty', async () => {
  const counted = `SELECT (SELECT sum(chunks)::int FROM xnai.segments) AS listed,
    (SELECT count(*)::int FROM xnai.segments) AS segments,
    (SELECT count(DISTINCT segment)::int FROM xnai.term_lists) AS filled,
    (SELECT count(*)::int FROM xnai.removed_chunks) AS removed`;
  for (let n = 0; n < 40; n += 1) await packed.upsertDocument(newDocument(`e${n}`, textOf(n + 100)));
  for (let n = 0; n < 38; n += 1) await packed.deleteDocument({ collection: 'default', id: `e${n}` });
  const left = (await packed.stats()).chunks;
  // The last look goes on in the background.
  await expect
    .poll(async () => (await rowsOf(counted))[0]?.['listed'], { timeout: 10_000 })
    .toBeLessThan(left + 4 * OFTEN.removed);
  const [row] = await rowsOf(counted);
  expect(row?.['filled']).toBe(row?.['segments']);
});

test('what another process has cleared meanwhile is not cleared again', async () => {
  await using connections = openConnections({ url: server.url, size: 1 });
  const [row] = await rowsOf("SELECT id FROM xnai.collections WHERE name = 'default'");
  const id = Number(row?.['id']);
  const lists = 'SELECT sum(octet_length(postings))::int AS bytes FROM xnai.term_lists';
  await rowsOf('DELETE FROM xnai.removed_chunks');
  const before = await rowsOf(lists);
  await rowsOf(`INSERT INTO xnai.removed_chunks SELECT ${id}, id FROM xnai.chunks`);
  const clearing = await connections.read((db) => manyRemoved(db, id, OFTEN));
  expect(clearing?.removed.length).toBeGreaterThan(OFTEN.removed);
  await rowsOf('DELETE FROM xnai.removed_chunks');
  let next = clearing;
  while (next !== undefined) {
    const now = next;
    next = await connections.write((db) => clearSome(db, id, now));
  }
  expect(await rowsOf(lists)).toEqual(before);
});

test('a deleted collection leaves nothing behind', async () => {
  await packed.deleteCollection('default');
  const [row] = await rowsOf(`SELECT (SELECT count(*)::int FROM xnai.term_lists) AS lists,
    (SELECT count(*)::int FROM xnai.recent_terms) AS recent, (SELECT count(*)::int FROM xnai.removed_chunks) AS removed`);
  expect(row).toEqual({ lists: 0, recent: 0, removed: 0 });
});

function idsAndScores(hits: Awaited<ReturnType<Store['search']>> | undefined) {
  return hits?.lexical.map(({ chunk, score }) => [chunk.documentId, score.toFixed(6)]);
}

async function rowsOf(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows;
}
