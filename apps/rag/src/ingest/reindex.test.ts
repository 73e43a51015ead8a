import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { makeOld } from '../store/testing/make-old.ts';
import { newDocument } from '../store/testing/new-document.ts';
import { versionsIn } from '../store/testing/versions-in.ts';
import { type ReindexDeps, reindexOlder } from './reindex.ts';

const COUNT = 20;

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-reindex-'));
  path = join(dir, 'rag.sqlite');
  const store = await openSqliteStore({ path, readers: 1 });
  for (let n = 0; n < COUNT; n += 1)
    await store.upsertDocument(newDocument(`d${n}`, `walrus getUserById ${n}`));
  await store.upsertDocument(newDocument('only', 'getUserById', { collection: 'other' }));
  await store.close();
  makeOld(path);
});
afterEach(() => rm(dir, { recursive: true }));

function reindex(store: Pick<Store, 'reindexNext'>, more: Partial<ReindexDeps> = {}) {
  const log = { info: vi.fn(), warn: vi.fn() };
  const { signal } = new AbortController();
  return { log, done: reindexOlder({ store, untilFree: async () => {}, log, signal, retryMs: 1, ...more }) };
}

const found = async (store: Store, text: string, collection = 'default') =>
  (await store.search({ collection, text, k: 100 })).lexical.map(({ chunk }) => chunk.documentId);

describe('an index with older terms', () => {
  test('answers by them until all documents of a collection have new ones, then by those alone', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    expect((await store.stats()).unindexed).toBe(COUNT + 1);
    expect(await found(store, 'walrus')).toHaveLength(COUNT);
    expect(await found(store, 'user by id')).toEqual([]);
    for (let n = 0; n < COUNT / 2; n += 1) await store.reindexNext();
    expect(await found(store, 'walrus')).toHaveLength(COUNT);
    expect(await found(store, 'user by id')).toEqual([]);
    expect(versionsIn(path)).toMatchObject({ terms: 1 });
    await reindex(store).done;
    expect((await store.stats()).unindexed).toBe(0);
    expect(versionsIn(path)).toMatchObject({ terms: 2 });
    expect(await found(store, 'walrus')).toHaveLength(COUNT);
    expect(await found(store, 'user by id')).toHaveLength(COUNT);
    expect(await found(store, 'user by id', 'other')).toEqual(['only']);
  });

  test('finds what is put meanwhile, and not what is deleted or replaced', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    for (let n = 0; n < 5; n += 1) await store.reindexNext();
    const change = async (from: number) => {
      await store.upsertDocument(newDocument(`new${from}`, 'walrus'));
      await store.upsertDocument(newDocument(`d${from}`, 'penguin'));
      await store.deleteDocument({ collection: 'default', id: `d${from + 1}` });
    };
    await change(1);
    await change(10);
    const check = async () => {
      expect((await found(store, 'walrus')).sort()).toEqual(
        [
          ...Array.from({ length: COUNT }, (_, n) => `d${n}`).filter((id) => !/^d(1|2|10|11)$/.test(id)),
          'new1',
          'new10',
        ].sort(),
      );
      expect((await found(store, 'penguin')).sort()).toEqual(['d1', 'd10']);
    };
    await check();
    await reindex(store).done;
    await check();
  });

  test('goes on where a process was stopped, and leaves deleted collections alone', async () => {
    const first = await openSqliteStore({ path, readers: 1 });
    for (let n = 0; n < 5; n += 1) await first.reindexNext();
    await first.close();
    await using store = await openSqliteStore({ path, readers: 1 });
    expect((await store.stats()).unindexed).toBe(COUNT + 1 - 5);
    await store.deleteCollection('default');
    await reindex(store).done;
    expect(await found(store, 'user', 'other')).toEqual(['only']);
    expect(versionsIn(path)).toMatchObject({ terms: 2 });
  });

  test('is tried again after what may pass, and ends with a warning when storage is full', async () => {
    const failures = [new StoreError('STORAGE_FULL')];
    const { done, log } = reindex({
      reindexNext: async () => {
        const [failure] = failures.splice(0, 1);
        if (failure !== undefined) throw failure;
        return false;
      },
    });
    await done;
    expect(log.warn).toHaveBeenCalledWith(
      { err: expect.any(StoreError) },
      expect.stringContaining('storage is full'),
    );
  });
});
