import { expect, test } from 'vitest';
import { openPostgresStore } from '../../postgres-store.ts';
import { newDocument } from '../../testing/new-document.ts';
import { openPglite } from '../../testing/open-pglite.ts';
import { openConnections } from '../connections.ts';
import { findSearched } from '../searched.ts';
import { ListCache } from './list-cache.ts';
import { POSTING_BYTES } from './postings.ts';
import { heldTerms, readLists } from './read-postings.ts';
import { openScorers, scoringIn } from './threads.ts';

const OFTEN = { chunks: 3, fanIn: 2, most: 24, removed: 100, removedShare: 50 };
const SCORES = { wanted: undefined, chunks: 20, terms: 40, most: 10 };

test('the terms that most chunks hold are left out of long lists, and known nevertheless', async () => {
  await using server = await openPglite();
  const store = await openPostgresStore({ url: server.url, connections: 1, pack: OFTEN });
  for (let n = 0; n < 12; n += 1)
    await store.upsertDocument(newDocument(`d${n}`, n % 4 === 0 ? 'ferry tide' : 'ferry'));
  await store.close();
  await using connections = openConnections({ url: server.url, size: 1 });
  const kept = new ListCache();
  const read = (mostBytes: number, cache = kept) =>
    connections.read(async (db) => {
      const collection = await findSearched(db, 'default');
      return readLists(db, { collection, cache, keys: ['ferri', 'tide', 'crane'], mostBytes });
    });
  const packedOf = ({ lists }: Awaited<ReturnType<typeof read>>) =>
    [...lists]
      .filter(([, { packed }]) => packed.length > 0)
      .map(([term]) => term)
      .sort();
  // Whether they have been read before makes no difference.
  for (const few of [await read(POSTING_BYTES), await read(POSTING_BYTES)]) {
    expect(packedOf(few)).toEqual(['tide']);
    expect([...heldTerms(few)].sort()).toEqual(['ferri', 'tide']);
  }
  expect(packedOf(await read(1_000))).toEqual(['ferri', 'tide']);
  const all = await read(1_000, new ListCache());
  expect(await read(1_000)).toEqual(all);
  expect(packedOf(await read(POSTING_BYTES))).toEqual(['tide']);
});

test('lists are handed to the thread that scores them, without chunks that were removed', async () => {
  await using scorers = openScorers();
  const packed = postingsOf(1, 2, 3);
  const removed = chunksOf(2);
  const found = await scoringIn(scorers).score({
    asked: [{ times: 1, packed: [packed], recent: [postingsOf(4)] }],
    removed,
    ...SCORES,
  });
  expect(found.map(({ id }) => id)).toEqual([1, 3, 4]);
  expect([packed.buffer.byteLength, removed.buffer.byteLength]).toEqual([0, 0]);
  const lists = [{ packed: [postingsOf(1, 2)], recent: [] }];
  expect(await scoringIn(scorers).count({ lists, removed: chunksOf(2) })).toEqual([1]);
});

test('nobody waits for scores any more once the call is aborted', async () => {
  await using scorers = openScorers();
  const stop = new AbortController();
  const asked = [{ times: 1, packed: [postingsOf(1)], recent: [] }];
  const scores = scoringIn(scorers, stop.signal).score({ asked, removed: undefined, ...SCORES });
  stop.abort(new Error('enough'));
  await expect(scores).rejects.toThrow('enough');
});

/** Each of weight 1 in a chunk of two terms. */
function postingsOf(...chunks: readonly number[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [0, 0, 0, 0, chunk, 2, 0, 2]));
}

function chunksOf(...chunks: readonly number[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => [0, 0, 0, 0, 0, 0, 0, chunk]));
}
