import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { newDocument } from '../store/testing/new-document.ts';
import { createIngest, type IncomingDocument, type Ingest } from './ingest.ts';
import { createParser, type Parser } from './parser.ts';

const GUIDE: IncomingDocument = {
  collection: 'default',
  id: 'a',
  content: '# Guide\n\ntext',
  contentType: 'text/markdown',
  metadata: { n: 1 },
};

let dir: string;
let index: Store;
let calls: string[];
let ingest: Ingest;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rag-ingest-'));
  index = await openSqliteStore({ path: join(dir, 'rag.sqlite'), readers: 1 });
});
beforeEach(async () => {
  await index.deleteCollection('default');
  calls = [];
  ingest = createIngest({
    store: counted(index),
    parser,
    readFile: () => Promise.reject(new Error('no file')),
  });
});
afterAll(async () => {
  await threads.close();
  await index.close();
  await rm(dir, { recursive: true });
});

/** The real store, which notes what it was asked to change. */
function counted(store: Store): Store {
  return {
    ...store,
    upsertDocument: (...args) => note('upsert', store.upsertDocument(...args)),
    updateMetadata: (...args) => note('metadata', store.updateMetadata(...args)),
  };
}

const threads = createParser();
const parser: Parser = {
  ...threads,
  parse: (...args: Parameters<Parser['parse']>) => note('parse', threads.parse(...args)),
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

function note<T>(what: string, work: Promise<T>): Promise<T> {
  calls.push(what);
  return work;
}

describe('ingesting', () => {
  test('parses and stores what is new', async () => {
    expect(await ingest(GUIDE)).toMatchObject({ status: 'indexed', created: true, chunks: 1 });
    expect(calls).toEqual(['parse', 'upsert']);
  });

  test('does no work at all for what is unchanged', async () => {
    const { content_hash } = await ingest(GUIDE);
    calls.length = 0;
    expect(await ingest(GUIDE)).toEqual({
      id: 'a',
      collection: 'default',
      status: 'unchanged',
      chunks: 1,
      content_hash,
      created: false,
    });
    expect(calls).toEqual([]);
  });

  test('replaces metadata that changed without parsing again', async () => {
    await ingest(GUIDE);
    calls.length = 0;
    expect(await ingest({ ...GUIDE, metadata: { n: 2 } })).toMatchObject({ status: 'unchanged' });
    expect(calls).toEqual(['metadata']);
  });

  test('reads equal bytes again that an older version has read, in an index of that version too', async () => {
    const { collection, id, content, contentType } = GUIDE;
    const identity = JSON.stringify([contentType, null, null]);
    const contentHash = createHash('sha256').update(`${identity}\0${content}`).digest('hex');
    await index.upsertDocument(newDocument(id, String(content), { collection, contentHash }));
    const read = await ingest(GUIDE);
    expect(read).toMatchObject({ status: 'indexed', created: false });
    expect(read.content_hash).not.toBe(contentHash);
    expect(await ingest(GUIDE)).toMatchObject({ status: 'unchanged' });
  });

  test('of one document ten times at once is work for one', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => ingest(GUIDE)));
    expect(all.map(({ status }) => status)).toEqual(['indexed', ...Array(9).fill('unchanged')]);
    expect(calls).toEqual(['parse', 'upsert']);
  });

  test('goes on with a document after a failure of the one before it', async () => {
    const broken = ingest({ ...GUIDE, content: '   ' });
    const next = ingest(GUIDE);
    await expect(broken).rejects.toMatchObject({ code: 'DOCUMENT_NOT_READABLE' });
    expect(await next).toMatchObject({ status: 'indexed' });
  });

  test('reads bytes as text that only mention a signature, and files by theirs under any type', async () => {
    const put = (content: string) =>
      ingest({ ...GUIDE, contentType: 'text/plain', content: Buffer.from(content, 'latin1') });
    expect(await put('A file begins with %PDF-1.7, PK or ÐÏ.')).toMatchObject({ status: 'indexed' });
    expect(await put('PK-zip is a program.')).toMatchObject({ status: 'indexed' });
    for (const file of ['%PDF-1.7\n', 'PK\x03\x04', 'ÐÏ\x11à¡±\x1aá'])
      await expect(put(file)).rejects.toThrow('no file');
  });

  test('stops before any work when it is not wanted any more', async () => {
    const reason = new Error('gone');
    await expect(ingest(GUIDE, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(calls).toEqual([]);
  });
});
