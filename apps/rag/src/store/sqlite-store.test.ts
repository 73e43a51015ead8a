import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { BLOCKS_VERSION } from '@xnai/contracts';
import { mountTmpfs } from '@xnai/testing';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BEST_FIRST, SELECT_SAME_TEXT } from './sqlite/addresses.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { describeStore } from './store.contract.ts';
import type { Store } from './store.ts';
import { makeOld } from './testing/make-old.ts';
import { newDocument } from './testing/new-document.ts';
import { versionsIn } from './testing/versions-in.ts';

const MIB = 1024 ** 2;

describeStore('the SQLite store', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rag-store-'));
  const path = join(dir, 'rag.sqlite');
  let store = await openSqliteStore({ path });
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteStore({ path });
      return store;
    },
    dispose: async () => {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
});

test('a lookup does not wait behind the searches that came before it', { timeout: 30_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rag-lines-'));
  await using store = await openSqliteStore({ path: join(dir, 'rag.sqlite'), readers: 1 });
  const text = Array.from({ length: 500 }, (_, n) => `## Part ${n}\n\nwalrus seal`).join('\n\n');
  await store.upsertDocument(newDocument('a', text));
  const metrics = new Registry();
  store.registerMetrics(metrics);
  let searched = 0;
  const searches = Array.from({ length: 50 }, async () => {
    await store.search({ collection: 'default', text: 'walrus seal', k: 50 });
    searched += 1;
  });
  const key = { collection: 'default', id: 'a' };
  expect(await store.getSummary(key)).toMatchObject({ id: 'a' });
  await store.getChunks('default', [{ documentId: 'a', ordinal: 1 }]);
  expect(searched).toBeLessThan(25);
  expect(await metrics.metrics()).toMatch(/^rag_store_waiting\{line="search"\} [1-9]/m);
  await Promise.all(searches);
  const figures = await metrics.metrics();
  expect(figures).toMatch(/^rag_store_waiting\{line="search"\} 0$/m);
  expect(figures).toMatch(/^rag_store_wait_seconds_count\{line="search"\} 5[0-9]$/m);
  expect(figures).toMatch(/^rag_store_work_seconds_count\{line="write"\} [1-9]/m);
  await rm(dir, { recursive: true });
});

describe('the index file', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'rag-index-'));
    path = join(dir, 'rag.sqlite');
  });
  afterEach(() => rm(dir, { recursive: true }));

  test('loses no acknowledged document to kill -9, and keeps no half one', { timeout: 60_000 }, async () => {
    const acknowledged = new Set<string>();
    for (let round = 1; round <= 3; round += 1) {
      const child = writeForever(path, acknowledged);
      await until(() => acknowledged.size >= round * 40);
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      await using store = await openSqliteStore({ path, readers: 1 });
      const kept = await store.listDocuments('default', { limit: 100_000 });
      const ids = new Set(kept.map(({ id }) => id));
      expect([...acknowledged].filter((id) => !ids.has(id))).toEqual([]);
      for (const { id, chunkCount } of kept) {
        expect(chunkCount).toBe(20);
        const document = await store.getDocument({ collection: 'default', id });
        expect(document?.chunks).toHaveLength(20);
      }
      const { frequencies } = await store.termStatistics('default', ['penguin']);
      expect(frequencies).toEqual([kept.length * 20]);
      expect(vectorCounts(path)).toEqual({ missing: 0, unused: 0 });
      expect(integrity(path)).toBe('ok');
    }
  });

  test('that is full refuses documents, goes on searching, and takes them again once there is room', async () => {
    await using store = await openSqliteStore({ path, readers: 1, maxBytes: 800 * 1024 });
    await store.upsertDocument(newDocument('first', 'walrus'));
    const long = Array.from({ length: 4_000 }, (_, n) => `word${n}`).join(' ');
    const put = (n: number) => store.upsertDocument(newDocument(`d${n}`, long));
    let count = 0;
    await expect(async () => {
      for (; count < 100; count += 1) await put(count);
    }).rejects.toMatchObject({ code: 'STORAGE_FULL', retryable: true });
    expect(count).toBeGreaterThan(1);
    // Together with others that fit, the one too large fails alone.
    const small = newDocument('small', 'penguin');
    const [large, fits] = await Promise.allSettled([put(count), store.upsertDocument(small)]);
    expect(large.status).toBe('rejected');
    expect(fits.status).toBe('fulfilled');
    const { lexical } = await store.search({ collection: 'default', text: 'walrus', k: 1 });
    expect(lexical).toHaveLength(1);
    expect(await store.stats()).toMatchObject({ documents: count + 2 });
    for (let n = 0; n < count; n += 1) await store.deleteDocument({ collection: 'default', id: `d${n}` });
    expect(await put(count)).toEqual({ created: true });
  });

  test('at its limit takes documents in the room of those that were deleted', {
    timeout: 60_000,
  }, async () => {
    await using store = await openSqliteStore({ path, readers: 1, maxBytes: 2 * MIB });
    const count = await fill(store);
    for (let n = 0; n < 10; n += 2) {
      for (const id of [`d${n}`, `d${n + 1}`]) {
        expect(await store.deleteDocument({ collection: 'default', id })).toBe(true);
      }
      expect(await store.upsertDocument(longDocument(count + n + 1))).toEqual({ created: true });
    }
    expect((await stat(path)).size).toBeLessThanOrEqual(2 * MIB);
    expect(await store.deleteCollection('default')).toBe(true);
    expect(await fill(store)).toBeGreaterThan(count / 2);
  });

  test('on a disk that is full to the last byte is deleted from, and uses the room', {
    timeout: 60_000,
  }, async (context) => {
    using _disk = mountTmpfs(context, 'size=24m', dir);
    await using store = await openSqliteStore({ path, readers: 1 });
    const count = await fill(store);
    await fillDisk(dir);
    for (let n = 0; n < 40; n += 1) {
      expect(await store.deleteDocument({ collection: 'default', id: `d${n}` })).toBe(true);
    }
    expect(await store.upsertDocument(longDocument(count + 1))).toEqual({ created: true });
    await fill(store);
    expect(await store.deleteCollection('default')).toBe(true);
    expect(await fill(store)).toBeGreaterThan(count / 2);
  });

  test('is deleted from once, and says so, where the disk has no room to give pages back', {
    timeout: 60_000,
  }, async (context) => {
    using _disk = mountTmpfs(context, 'size=64m', dir);
    await using store = await openSqliteStore({ path, readers: 1 });
    for (let n = 0; n < 10; n += 1) {
      await store.upsertDocument(newDocument(`d${n}`, `walrus${n} `.repeat(150_000)));
    }
    await fillDisk(dir, 3 * MIB);
    const ids = ['d0', 'd1', 'd2', 'd3', 'd4'];
    const deleted = ids.map((id) => store.deleteDocument({ collection: 'default', id }));
    expect(await Promise.all(deleted)).toEqual(ids.map(() => true));
  });

  test('of an older format is opened at its size limit, searched, and takes documents up to a higher one', async () => {
    const filled = await openSqliteStore({ path, readers: 1 });
    await filled.upsertDocument(newDocument('first', 'walrus'));
    await filled.close();
    makeOld(path);
    change(path, 'VACUUM');
    const { size: maxBytes } = await stat(path);
    const long = newDocument('long', Array.from({ length: 4_000 }, (_, n) => `word${n}`).join(' '));
    const full = await openSqliteStore({ path, readers: 1, maxBytes });
    const { lexical } = await full.search({ collection: 'default', text: 'walrus', k: 1 });
    expect(lexical).toHaveLength(1);
    await expect(full.upsertDocument(long)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await full.close();
    await using larger = await openSqliteStore({ path, readers: 1, maxBytes: maxBytes + MIB });
    expect(await larger.upsertDocument(long)).toEqual({ created: true });
  });

  test('keeps its log bounded while two readers are at work all the time, and no log when it is closed', async () => {
    const store = await openSqliteStore({ path, readers: 2 });
    const words = Array.from({ length: 3_000 }, (_, n) => `walrus word${n}`).join(' ');
    const put = (n: number) => store.upsertDocument(newDocument(`d${n}`, `${words} only${n}`));
    for (let n = 0; n < 20; n += 1) await put(n);
    let isWriting = true;
    let reads = 0;
    const readers = Array.from({ length: 4 }, async () => {
      for (; isWriting; reads += 1) await store.search({ collection: 'default', text: 'walrus word', k: 10 });
    });
    let most = 0;
    for (let n = 20; n < 160; n += 1) {
      await put(n);
      most = Math.max(most, (await stat(`${path}-wal`)).size);
    }
    isWriting = false;
    await Promise.all(readers);
    expect(reads).toBeGreaterThan(100);
    expect(most).toBeGreaterThan(4 * MIB);
    expect(most).toBeLessThan(24 * MIB);
    await store.close();
    expect(await readdir(dir)).toEqual(['rag.sqlite']);
  });

  test('is read as a whole only after a crash, and then refused when a page is damaged that a start does not read', async () => {
    const store = await openSqliteStore({ path, readers: 1 });
    const words = (n: number) => Array.from({ length: 2_000 }, (_, w) => `walrus${n} w${w}`).join(' ');
    for (let n = 0; n < 20; n += 1) await store.upsertDocument(newDocument(`d${n}`, words(n)));
    await store.close();
    const file = await readFile(path);
    const damagedAt = file.lastIndexOf('walrus10 w1999');
    expect(damagedAt).toBeGreaterThan(0);
    file.fill(0xaa, damagedAt - (damagedAt % 4096), damagedAt - (damagedAt % 4096) + 4096);
    await writeFile(path, file);
    await (await openSqliteStore({ path, readers: 1 })).close();
    await writeFile(`${path}-wal`, Buffer.alloc(32));
    await expect(openSqliteStore({ path })).rejects.toMatchObject({ code: 'INDEX_DAMAGED' });
  });

  test('of the first format that is torn is refused and left alone', async () => {
    const store = await openSqliteStore({ path, readers: 1 });
    const words = Array.from({ length: 2_000 }, (_, n) => `walrus w${n}`).join(' ');
    for (const id of ['a', 'b', 'c']) await store.upsertDocument(newDocument(id, words));
    await store.close();
    makeOld(path);
    const whole = await readFile(path);
    const isTorn = {
      code: expect.stringMatching(/^INDEX_(?:DAMAGED|FOREIGN)$/),
      message: expect.stringContaining(path),
    };
    for (const torn of [
      whole.subarray(0, whole.length / 2),
      zeroPage(whole, 0),
      zeroPage(whole, whole.lastIndexOf('walrus w1999')),
    ]) {
      await writeFile(path, torn);
      await expect(openSqliteStore({ path })).rejects.toMatchObject(isTorn);
      expect(await readFile(path)).toEqual(torn);
    }
    await writeFile(path, whole);
    await using opened = await openSqliteStore({ path, readers: 1 });
    expect(await opened.getCollection('default')).toMatchObject({ documents: 3 });
  });

  test('takes the documents of one transaction into one segment of the full text, also those that change in it', async () => {
    const store = await openSqliteStore({ path, readers: 1 });
    const put = (n: number, word: string) => store.upsertDocument(newDocument(`d${n}`, `bear ${word}`));
    await Promise.all([
      ...[0, 1, 2, 3, 4, 5, 6, 7].map((n) => put(n, 'seal')),
      put(1, 'penguin'),
      store.deleteDocument({ collection: 'default', id: 'd2' }),
    ]);
    const { frequencies } = await store.termStatistics('default', ['bear', 'seal', 'penguin']);
    expect(frequencies).toEqual([7, 6, 1]);
    await store.close();
    using db = new DatabaseSync(path);
    const sql = 'SELECT count(DISTINCT segid) AS segments FROM terms_v2_1_idx';
    expect(db.prepare(sql).get()).toMatchObject({ segments: 1 });
    expect(integrity(path)).toBe('ok');
  });

  test.each([
    [
      'the best of many aliases',
      `SELECT * FROM aliases WHERE document = 1 ORDER BY ${BEST_FIRST} LIMIT 1`,
      'SEARCH aliases USING INDEX aliases_best (document=?)',
    ],
    [
      'a document with the same text',
      SELECT_SAME_TEXT,
      'SEARCH documents USING INDEX documents_text (collection=? AND text_hash=?)',
    ],
  ])('has %s at the head of an index', async (_what, sql, detail) => {
    await (await openSqliteStore({ path, readers: 1 })).close();
    using db = new DatabaseSync(path);
    expect(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all()).toMatchObject([{ detail }]);
  });

  test('that another program made is refused and left alone', async () => {
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE theirs (x)');
    other.close();
    const before = await readFile(path);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      code: 'INDEX_FOREIGN',
      message: expect.stringContaining(path),
    });
    expect(await readFile(path)).toEqual(before);
  });

  test('that a newer version wrote is refused and left alone', async () => {
    await (await openSqliteStore({ path, readers: 1 })).close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      code: 'INDEX_NEWER',
      message: expect.stringContaining('format 99'),
    });
  });

  test('says by which versions its parts were made', async () => {
    await (await openSqliteStore({ path, readers: 1 })).close();
    expect(versionsIn(path)).toEqual({ blocks: BLOCKS_VERSION, terms: 2, vectors: 1 });
  });

  test.each([
    ['words', `UPDATE versions SET version = 9 WHERE part = 'terms'`, 'terms of version 9'],
    ['blocks', `UPDATE versions SET version = 9 WHERE part = 'blocks'`, 'blocks of version 9'],
    ['blocks of one document', `UPDATE documents SET blocks_version = 9`, 'blocks of version 9'],
    ['a part that is not known', `INSERT INTO versions VALUES ('links', 1)`, 'links of version 1'],
  ])('in which a newer version made the %s is refused', async (_, sql, said) => {
    const filled = await openSqliteStore({ path, readers: 1 });
    await filled.upsertDocument(newDocument('a', 'walrus'));
    await filled.close();
    change(path, sql);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      code: 'INDEX_NEWER',
      message: expect.stringContaining(said),
    });
  });

  test.each([
    [
      'not a database at all',
      () => Buffer.from('this is no database, although it is long enough to look at'.repeat(50)),
    ],
    ['with its first page overwritten', (file: Buffer) => Buffer.from(file).fill(0xaa, 16, 4096)],
    ['with a page in the middle overwritten', (file: Buffer) => Buffer.from(file).fill(0xaa, 8192, 20_000)],
    ['cut short', (file: Buffer) => file.subarray(0, 8192)],
  ])('%s is refused with its name, and left alone', async (_, damage) => {
    const store = await openSqliteStore({ path, readers: 1 });
    for (let n = 0; n < 20; n += 1)
      await store.upsertDocument(newDocument(`d${n}`, `walrus ${'x'.repeat(1000)}`));
    await store.close();
    const damaged = damage(await readFile(path));
    await writeFile(path, damaged);
    await expect(openSqliteStore({ path })).rejects.toMatchObject({
      code: expect.stringMatching(/^INDEX_(DAMAGED|FOREIGN)$/),
      message: expect.stringContaining(path),
    });
    expect(await readFile(path)).toEqual(damaged);
  });

  test('is in one place only: a folder that cannot be made is said', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(openSqliteStore({ path: join(dir, 'file', 'rag.sqlite') })).rejects.toThrow(
      /ENOTDIR|EEXIST/,
    );
  });
});

/** Some 30 KiB of words of its own. */
function longDocument(n: number) {
  const letters = (value: number) =>
    value.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
  return newDocument(
    `d${n}`,
    Array.from({ length: 4_000 }, (_, w) => `w${letters(n * 4_000 + w)}`).join(' '),
  );
}

/** Fills a disk but for some bytes. */
async function fillDisk(folder: string, leftBytes = 0): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  await writeFile(join(folder, 'last'), Buffer.alloc(bavail * bsize - leftBytes));
}

/** How many documents fit. */
async function fill(store: Store): Promise<number> {
  for (let n = 0; n < 1_000; n += 1) {
    try {
      await store.upsertDocument(longDocument(n));
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORAGE_FULL' });
      return n;
    }
  }
  throw new Error('it is never full');
}

function writeForever(path: string, acknowledged: Set<string>): ChildProcess {
  const entry = fileURLToPath(new URL('./testing/write-forever.ts', import.meta.url));
  const child = spawn(process.execPath, [entry, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no output to read');
  createInterface({ input: child.stdout }).on('line', (id) => acknowledged.add(id));
  return child;
}

/** Chunks that are neither embedded nor pending, and vectors that count more or fewer chunks than have them. */
function vectorCounts(path: string): unknown {
  using db = new DatabaseSync(path, { readOnly: true });
  const embedded = '(SELECT sum(size) FROM vector_blocks)';
  const sql = `SELECT (SELECT count(*) FROM chunks) - (SELECT count(*) FROM pending_chunks) - ${embedded} AS missing,
    (SELECT sum(uses) FROM vectors) - ${embedded} AS unused`;
  return { ...db.prepare(sql).get() };
}

function integrity(path: string): unknown {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    return db.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  } finally {
    db.close();
  }
}

/** Changes an index that is closed. */
function change(path: string, sql: string): void {
  const db = new DatabaseSync(path);
  db.exec(sql);
  db.close();
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function zeroPage(file: Buffer, at: number): Buffer {
  expect(at).toBeGreaterThanOrEqual(0);
  const start = at - (at % 4096);
  return Buffer.from(file).fill(0, start, start + 4096);
}
