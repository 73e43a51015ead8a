import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BLOCKS_VERSION } from '@xnai/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { blocksOf } from '../blocks/reading.ts';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import { makeOld } from '../store/testing/make-old.ts';
import { newDocument } from '../store/testing/new-document.ts';
import { versionsIn } from '../store/testing/versions-in.ts';
import { IngestError } from './ingest-error.ts';
import { createParser, type Parser } from './parser.ts';
import { createUntilFree, type RereadDeps, rereadOutdated } from './reread.ts';

const COUNT = 30;
const GUIDE = '# Guide\n\n- one\n- two\n\nThe end.';

let dir: string;
let path: string;
let parser: Parser;
beforeAll(() => {
  parser = createParser();
});
afterAll(() => parser.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-reread-'));
  path = join(dir, 'rag.sqlite');
  const store = await openSqliteStore({ path, readers: 1 });
  for (let n = 0; n < COUNT; n += 1) await store.upsertDocument(newDocument(`d${n}`, `${GUIDE} ${n}`));
  await store.upsertDocument(newDocument('plain', '# no heading', { contentType: 'text/plain' }));
  await store.close();
  makeOld(path);
});
afterEach(() => rm(dir, { recursive: true }));

const outdated = async (store: Store) => (await store.stats()).outdated;

function reread(store: Store, more: Partial<RereadDeps> = {}) {
  const log = { info: vi.fn(), warn: vi.fn() };
  const { signal } = new AbortController();
  const done = rereadOutdated({ store, parser, untilFree: async () => {}, log, signal, retryMs: 1, ...more });
  return { log, done };
}

describe('an index without blocks', () => {
  test('is opened, searched and shown before its documents are read again', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    expect(await outdated(store)).toBe(COUNT + 1);
    expect(versionsIn(path)).toEqual({ blocks: 1, terms: 1, vectors: 1 });
    const found = await store.search({ collection: 'default', text: 'guide two', k: 1 });
    expect(found.lexical[0]?.chunk).toMatchObject({ inline: 'markdown', blocks: undefined });
    const document = await store.getDocument({ collection: 'default', id: 'plain' });
    expect(document).toMatchObject({ inline: 'none', text: '# no heading', details: { losses: [] } });
    expect(document?.isOutdated).toBe(true);
    expect(document && blocksOf(document)).toBeUndefined();
  });

  test('gets them in place, by the type of the content, with all else as it was', async () => {
    await using store = await openSqliteStore({ path, readers: 1, nowMs: () => Date.now() + 1000 });
    // The last change of the collection, newer than every document that is left.
    await store.upsertDocument(newDocument('deleted', GUIDE));
    await store.deleteDocument({ collection: 'default', id: 'deleted' });
    const collection = await store.getCollection('default');
    const before = await store.getSummary({ collection: 'default', id: 'd7' });
    const { log, done } = reread(store);
    await done;
    expect(await outdated(store)).toBe(0);
    expect(versionsIn(path)).toMatchObject({ blocks: BLOCKS_VERSION });
    expect(await store.getSummary({ collection: 'default', id: 'd7' })).toEqual(before);
    const generation = expect.not.stringMatching(`${collection?.generation}`);
    expect(await store.getCollection('default')).toEqual({ ...collection, generation });
    const guide = await store.getDocument({ collection: 'default', id: 'd7' });
    expect(guide).toMatchObject({ text: `${GUIDE} 7`, isOutdated: false });
    const kinds = guide && blocksOf(guide)?.blocks.map(({ kind }) => kind);
    expect(kinds).toEqual(['heading', 'item', 'item', 'paragraph']);
    const plain = await store.getDocument({ collection: 'default', id: 'plain' });
    expect(plain && blocksOf(plain)?.blocks).toMatchObject([{ kind: 'paragraph' }]);
    expect(log.info).toHaveBeenLastCalledWith({ documents: COUNT + 1 }, expect.any(String));
    expect(log.warn).not.toHaveBeenCalled();
    // The words are in the full-text table once.
    expect(await store.termStatistics('default', ['two'])).toMatchObject({ frequencies: [COUNT] });
  });

  test('loses nothing to kill -9, and the next start goes on where it stopped', {
    timeout: 60_000,
  }, async () => {
    const entry = fileURLToPath(new URL('./testing/reread-index.ts', import.meta.url));
    const child = spawn(process.execPath, [entry, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let begun = 0;
    for await (const _ of createInterface({ input: child.stdout })) if (++begun === 10) child.kill('SIGKILL');
    if (child.signalCode === null) await once(child, 'close');
    await using store = await openSqliteStore({ path, readers: 1 });
    const left = await outdated(store);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(COUNT + 1 - 8);
    expect(await store.stats()).toMatchObject({ documents: COUNT + 1, chunks: COUNT + 1 });
    const begins = vi.fn(async () => {});
    await reread(store, { untilFree: begins }).done;
    expect(begins).toHaveBeenCalledTimes(left);
    expect(await outdated(store)).toBe(0);
  });

  test('waits out a failure that passes and names it once, and leaves a document that cannot be read', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    let failures = 2;
    const shaky: RereadDeps['store'] = {
      ...store,
      getDocument: (key, options) => {
        if (key.id === 'd3') throw new Error('unreadable');
        if (failures-- > 0) throw new StoreError('INDEX_BUSY');
        return store.getDocument(key, options);
      },
    };
    const { log, done } = reread(store, { store: shaky });
    await done;
    expect(await outdated(store)).toBe(1);
    expect(versionsIn(path)).toMatchObject({ blocks: 1 });
    await store.deleteDocument({ collection: 'default', id: 'd3' });
    expect(versionsIn(path)).toMatchObject({ blocks: BLOCKS_VERSION });
    expect(log.warn.mock.calls.map(([about]) => about)).toEqual([
      { err: expect.objectContaining({ code: 'INDEX_BUSY' }) },
      expect.objectContaining({ document_id: 'd3' }),
    ]);
  });

  test('leaves what does not fit when storage is full, and goes on after the next start', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    const replaceReading = vi.fn<Store['replaceReading']>(async (document, options) => {
      if (document.id === 'd3') throw new StoreError('STORAGE_FULL');
      return store.replaceReading(document, options);
    });
    const { log, done } = reread(store, { store: { ...store, replaceReading } });
    await done;
    expect(replaceReading).toHaveBeenCalledTimes(4);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      { err: expect.objectContaining({ code: 'STORAGE_FULL' }) },
      expect.stringContaining('next start'),
    );
    expect(await outdated(store)).toBe(COUNT + 1 - 3);
    await reread(store).done;
    expect(await outdated(store)).toBe(0);
  });

  test('keeps a document in which nothing is found any more, and says so', async () => {
    const old = newDocument('comment', '<!-- walrus -->', { contentType: 'text/plain' });
    const filled = await openSqliteStore({ path, readers: 1 });
    await filled.upsertDocument({ ...old, contentType: 'text/markdown' });
    await filled.close();
    makeOld(path);
    await using store = await openSqliteStore({ path, readers: 1 });
    const { log, done } = reread(store);
    await done;
    expect(await outdated(store)).toBe(1);
    const { lexical } = await store.search({ collection: 'default', text: 'walrus', k: 1 });
    expect(lexical.map(({ chunk }) => chunk.documentId)).toEqual(['comment']);
    expect(log.warn).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ document_id: 'comment', err: expect.any(IngestError) }),
      expect.any(String),
    );
  });

  test('keeps what is put meanwhile', async () => {
    await using store = await openSqliteStore({ path, readers: 1 });
    const put = newDocument('d0', 'newer');
    const overtaken: RereadDeps['store'] = {
      ...store,
      replaceReading: async (document, options) => {
        if (document.id === 'd0') await store.upsertDocument(put);
        return store.replaceReading(document, options);
      },
    };
    await reread(store, { store: overtaken }).done;
    expect(await store.getDocument({ collection: 'default', id: 'd0' })).toMatchObject({ text: 'newer' });
  });
});

test('a document waits while a request is at work, and no longer', async () => {
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const server = createServer(async (_request, response) => {
    await answered;
    response.end();
  });
  const untilFree = createUntilFree(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { signal } = new AbortController();
  await untilFree(signal);
  const { port } = server.address() as { port: number };
  const order: string[] = [];
  const arrived = once(server, 'request');
  const request = fetch(`http://127.0.0.1:${port}`).then((response) => response.text());
  await arrived;
  const free = untilFree(signal).then(() => order.push('free'));
  order.push('answered');
  answer();
  await Promise.all([request, free]);
  expect(order).toEqual(['answered', 'free']);
  server.close();
});
