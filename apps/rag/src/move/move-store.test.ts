import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteSource, openSqliteStore, type SqliteStore } from '../store/sqlite-store.ts';
import { newDocument } from '../store/testing/new-document.ts';
import type { TransferSource } from '../store/transfer.ts';
import { moveStore } from './move-store.ts';

const SET = { id: 'set-1', model: 'bge', dimensions: 70 };
const web = (url: string) => ({ url, metadata: { trust: 'web', depth: 1 }, links: [`${url}/next`] });

let dir: string;
let writer: SqliteStore;
let from: TransferSource;
let to: SqliteStore;
let nowMs = Date.parse('2026-01-01T00:00:00Z');

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-move-'));
  const path = join(dir, 'from.sqlite');
  // It stays open: a source may be in use.
  writer = await openSqliteStore({ path, nowMs: () => nowMs });
  from = await openSqliteSource(path);
  to = await openSqliteStore({ path: join(dir, 'to.sqlite') });
});
afterAll(async () => {
  for (const store of [from, writer, to]) await store?.[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});
beforeEach(async () => {
  for (const store of [writer, to])
    for (const { name } of await store.listCollections({ limit: 100 })) await store.deleteCollection(name);
});

const move = (changes: Partial<Parameters<typeof moveStore>[0]> = {}) =>
  moveStore({
    from,
    to,
    replace: false,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  });

async function fill(): Promise<void> {
  await writer.upsertDocument(
    newDocument('a', '# Guide\n\nOne é 😀.\n\n- two\n- three\n', { metadata: { b: 1 } }),
  );
  await writer.upsertDocument(newDocument('b', 'plain', { contentType: 'text/plain', collection: 'other' }));
  await writer.upsertDocument(
    newDocument('w1', 'One text.', { ...web('https://a.example/long/index.html'), title: 'First' }),
  );
  nowMs += 1000;
  await writer.upsertDocument(
    newDocument('w2', 'One text.', { ...web('https://a.example/?x'), title: 'Second' }),
  );
}

/** Made up, and other ones for each text. */
async function embedAll(dimensions = SET.dimensions): Promise<void> {
  await writer.vectors.begin({ ...SET, dimensions });
  for (;;) {
    const pending = await writer.vectors.pending(10);
    if (pending.length === 0) return;
    const vectors = pending.map(({ hash, text }) => ({
      hash,
      vector: Float32Array.from(
        { length: dimensions },
        (_, n) => Math.sin(text.length * (n + 1)) / (n + 1) ** 3,
      ),
    }));
    await writer.vectors.put(SET.id, vectors);
  }
}

test('every document is in the target as it was, with its addresses, times and vectors', async () => {
  await fill();
  await embedAll();
  expect(await move()).toMatchObject({
    documents: 3,
    copied: 3,
    deleted: 0,
    passes: 2,
    isWhole: true,
    differed: [],
  });
  for (const key of [
    { collection: 'default', id: 'a' },
    { collection: 'other', id: 'b' },
    { collection: 'default', id: 'w1' },
  ]) {
    const exported = await to.exportDocument(key);
    expect(exported).toEqual(await from.exportDocument(key));
    expect(exported?.updatedAt).toMatch(/^2026-01-01/);
    const vectors = await to.documentVectors(SET.id, key);
    expect(vectors).toEqual(await from.documentVectors(SET.id, key));
    expect(vectors).toHaveLength(1);
  }
  expect(await to.getAddress({ collection: 'default', id: 'w2' })).toEqual(
    await writer.getAddress({ collection: 'default', id: 'w2' }),
  );
  const question = { collection: 'default', text: 'guide two', k: 5 };
  const found = async (store: SqliteStore) =>
    (await store.search(question)).lexical.map(({ chunk }) => chunk);
  expect(await found(to)).toEqual(await found(writer));
  expect((await to.vectors.stats()).searched).toMatchObject({ id: SET.id, embedded: 3, pending: 0 });
});

test('a vector comes out of the target as it comes out of the source, bit by bit', async () => {
  await fill();
  await embedAll();
  await move();
  const values = Float32Array.from({ length: SET.dimensions }, (_, n) => Math.cos(n));
  const dense = async (store: SqliteStore) =>
    (await store.search({ collection: 'default', vector: { set: SET.id, values }, k: 5 })).dense?.map(
      ({ chunk, score }) => [chunk.documentId, score],
    );
  expect(await dense(to)).toEqual(await dense(writer));
});

test('what is written, changed and deleted in the source meanwhile is caught up with', async () => {
  await fill();
  let isDone = false;
  const changing: TransferSource = {
    ...from,
    exportDocument: async (...args) => {
      const exported = await from.exportDocument(...args);
      if (isDone || args[0].id !== 'w1') return exported;
      isDone = true;
      nowMs += 1000;
      await writer.upsertDocument(newDocument('0', 'Came before all others.'));
      await writer.upsertDocument(newDocument('a', '# Guide\n\nAnother text.'));
      await writer.deleteDocument({ collection: 'default', id: 'w1' });
      await writer.deleteDocument({ collection: 'default', id: 'w2' });
      await writer.deleteCollection('other');
      return exported;
    },
  };
  const moved = await move({ from: changing });
  expect(moved).toMatchObject({ documents: 2, isWhole: true });
  expect(moved.deleted).toBeGreaterThan(0);
  expect((await to.listCollections({ limit: 9 })).map(({ name }) => name)).toEqual(['default']);
  expect((await to.listDocuments('default', { limit: 9 })).map(({ id }) => id)).toEqual(['0', 'a']);
});

test('a move that was stopped goes on behind what is there', async () => {
  await fill();
  const stop = new AbortController();
  const stopping: TransferSource = {
    ...from,
    exportDocument: async (key, options) => {
      if (key.collection === 'other') stop.abort(new Error('stopped'));
      return from.exportDocument(key, options);
    },
  };
  await expect(move({ from: stopping, signal: stop.signal })).rejects.toThrow('stopped');
  expect((await to.stats()).documents).toBe(2);
  expect(await move()).toMatchObject({ copied: 1, isWhole: true });
  expect(await move()).toMatchObject({ copied: 0, passes: 1, isWhole: true });
});

describe('a target that holds something else', () => {
  test('is left as it is where the source does not have it', async () => {
    await fill();
    await to.upsertDocument(newDocument('mine', 'of another stack'));
    await expect(move()).rejects.toThrow(
      /the target holds 1 document that the source does not have \(default\/mine\)/,
    );
    expect((await to.stats()).documents).toBe(1);
  });

  test('is left as it is where it has another address of a text', async () => {
    const text = 'The same text under two addresses.';
    await writer.upsertDocument(newDocument('one', text, web('https://a.example/one')));
    await move();
    await to.upsertDocument(newDocument('two', text, web('https://a.example/two?page')));
    await expect(move()).rejects.toThrow(/that the source does not have \(default\/two\)/);
    expect((await to.getAddress({ collection: 'default', id: 'two' }))?.documentId).toBe('one');
  });

  test('is left as it is where it was changed later', async () => {
    await fill();
    await to.upsertDocument(newDocument('a', 'written later'));
    await expect(move()).rejects.toThrow(/changed later than those of the source \(default\/a\)/);
    expect((await to.getDocument({ collection: 'default', id: 'a' }))?.text).toBe('written later');
  });

  test('is made equal to the source where that is asked for', async () => {
    await fill();
    await to.upsertDocument(newDocument('mine', 'of another stack', { collection: 'mine' }));
    await to.upsertDocument(newDocument('a', 'written later'));
    expect(await move({ replace: true })).toMatchObject({ documents: 3, deleted: 1, isWhole: true });
    expect(await to.getCollection('mine')).toBeUndefined();
  });
});

test('a document that was read under an older version is one in the target, too', async () => {
  await fill();
  const old: TransferSource = {
    ...from,
    exportDocument: async (key, options) => {
      const exported = await from.exportDocument(key, options);
      return exported && key.id === 'a' ? { ...exported, blocksVersion: 1 } : exported;
    },
  };
  expect(await move({ from: old })).toMatchObject({ isWhole: true });
  expect(await to.listOutdated({ after: 0, limit: 9 })).toMatchObject([{ id: 'a' }]);
});

test('a document that differs again and again is named', async () => {
  await fill();
  const lying: TransferSource = {
    ...from,
    exportDocument: async (key, options) => {
      const exported = await from.exportDocument(key, options);
      return exported && key.id === 'b'
        ? { ...exported, updatedAt: new Date(nowMs++).toISOString() }
        : exported;
    },
  };
  expect(await move({ from: lying })).toMatchObject({ isWhole: false, passes: 5, differed: ['other/b'] });
});
