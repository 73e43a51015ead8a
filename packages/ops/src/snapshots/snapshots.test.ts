import { appendFile, mkdtemp, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { listSnapshots } from './snapshot-files.ts';
import { Snapshots } from './snapshots.ts';
import { killWhileCopying } from './testing/kill-while-copying.ts';

/** Of the write-ahead log: a header and one page of the default size. */
const FRAME_BYTES = 24 + 4096;

let root: string;
let index: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'xnai-snapshots-'));
  [index, folder] = [join(root, 'index.sqlite'), join(root, 'snapshots')];
});
afterEach(() => rm(root, { recursive: true }));

function write(value: number): void {
  using db = new DatabaseSync(index);
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS t (v); INSERT INTO t VALUES (${value})`);
}

function read(path = index): readonly unknown[] {
  using db = new DatabaseSync(path, { readOnly: true });
  return db
    .prepare('SELECT v FROM t ORDER BY v')
    .all()
    .map(({ v }) => v);
}

const noDamage = (_: unknown, error: unknown) => {
  throw error;
};

test('an index that is lost comes back as it was at the newest snapshot', async () => {
  await using snapshots = await Snapshots.open({ index, folder });
  for (const value of [1, 2, 3]) {
    write(value);
    expect(await snapshots.take()).toBeDefined();
  }
  expect(await snapshots.take()).toBeUndefined();
  expect(await listSnapshots(folder)).toHaveLength(2);
  write(4);
  expect(await snapshots.restore(noDamage)).toBeUndefined();
  expect(read()).toEqual([1, 2, 3, 4]);
  await rm(index);
  expect(await snapshots.restore(noDamage)).toMatchObject({ name: (await listSnapshots(folder))[0]?.name });
  expect(read()).toEqual([1, 2, 3]);
});

test('a copy holds what an open writer has committed, and nothing of what it has not', async () => {
  write(1);
  using db = new DatabaseSync(index);
  db.exec('INSERT INTO t VALUES (2); BEGIN; INSERT INTO t VALUES (3)');
  await using snapshots = await Snapshots.open({ index, folder });
  const taken = await snapshots.take();
  expect(read(taken?.path)).toEqual([1, 2]);
  expect(await readdir(folder)).toEqual([taken?.name]);
});

test('a commit that waits for the disk during a copy is in the next one', async () => {
  write(1);
  using db = new DatabaseSync(index);
  db.exec('INSERT INTO t VALUES (2)');
  await using snapshots = await Snapshots.open({ index, folder });
  // The frames of the commit are in the log, and readers do not see them yet.
  const before = await stat(`${index}-wal`);
  await appendFile(`${index}-wal`, Buffer.alloc(FRAME_BYTES));
  await utimes(`${index}-wal`, before.atime, before.mtime);
  expect(read((await snapshots.take())?.path)).toEqual([1, 2]);
  db.exec('INSERT INTO t VALUES (3)');
  await utimes(`${index}-wal`, before.atime, before.mtime);
  expect((await stat(`${index}-wal`)).size).toBe(before.size + FRAME_BYTES);
  const next = await snapshots.take();
  expect(next).toBeDefined();
  expect(read(next?.path)).toEqual([1, 2, 3]);
});

test('a damaged snapshot is passed over for an older one; when all are, nothing is restored', async () => {
  await using snapshots = await Snapshots.open({ index, folder });
  for (const value of [1, 2]) {
    write(value);
    await snapshots.take();
  }
  const [newest, older] = await listSnapshots(folder);
  await truncate(newest?.path ?? '', 5000);
  await rm(index);
  const damaged: string[] = [];
  expect(await snapshots.restore(({ name }) => damaged.push(name))).toEqual(older);
  expect(damaged).toEqual([newest?.name]);
  expect(read()).toEqual([1]);
  await rm(index);
  await writeFile(older?.path ?? '', 'no database at all');
  await expect(snapshots.restore(() => {})).rejects.toMatchObject({ forOperator: true });
  expect(await readdir(root)).toEqual(['snapshots']);
});

test('a damaged index never takes the place of its snapshots', async () => {
  await using snapshots = await Snapshots.open({ index, folder });
  write(1);
  await snapshots.take();
  const before = await readdir(folder);
  await writeFile(index, Buffer.alloc(8192, 7));
  await expect(snapshots.take()).rejects.toThrow();
  expect(await readdir(folder)).toEqual(before);
});

test('a clock that goes back makes no newer snapshot the older one', async () => {
  await using snapshots = await Snapshots.open({ index, folder });
  write(1);
  const first = await snapshots.take();
  const { rename } = await import('node:fs/promises');
  await rename(first?.path ?? '', join(folder, 'index-20990101T000000000Z.sqlite'));
  write(2);
  const second = await snapshots.take();
  expect((await listSnapshots(folder))[0]).toEqual(second);
  expect(read(second?.path)).toEqual([1, 2]);
});

test('a process that is killed while it copies leaves all finished snapshots whole', async () => {
  expect(await killWhileCopying({ root, rounds: 2 })).toEqual({ killed: 2, lost: 0 });
});
