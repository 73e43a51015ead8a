import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@xnai/service/make-folder';

/** A finished copy of an index. */
export interface Snapshot {
  readonly name: string;
  readonly path: string;
  readonly takenAt: Date;
}

const NAME = /^index-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.sqlite$/;
const PARTIAL = /^\.index-.*\.partial(-journal|-wal|-shm)?$/;

/** Newest first; none when there is no such folder. */
export async function listSnapshots(folder: string): Promise<readonly Snapshot[]> {
  const names = await namesIn(folder);
  return names
    .flatMap((name) => {
      const [, year, month, day, hour, minute, second, ms] = NAME.exec(name) ?? [];
      if (year === undefined) return [];
      const takenAt = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
      return [{ name, path: join(folder, name), takenAt }];
    })
    .sort((a, b) => b.name.localeCompare(a.name));
}

export function snapshotName(takenAt: Date): string {
  return `index-${takenAt.toISOString().replace(/[-:.]/g, '')}.sqlite`;
}

/** A file gets the name of a snapshot only when it is one: what a crash leaves behind has another name. */
export async function finishSnapshot(folder: string, name: string): Promise<void> {
  await rename(partialPath(folder, name), join(folder, name));
  await using handle = await open(folder);
  await handle.sync();
}

export function partialPath(folder: string, name: string): string {
  return join(folder, `.${name}.partial`);
}

/** Makes the folder, and deletes what a killed process left behind. */
export async function prepareSnapshotFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const names = await namesIn(folder);
  await Promise.all(names.filter((name) => PARTIAL.test(name)).map((name) => rm(join(folder, name))));
}

/** Of the write-ahead log's index: a counter of commits, and the last frame that readers see. */
const WAL_INDEX_HEADER_BYTES = 48;

/**
 * What tells whether readers of a database see a new state, without opening it. The size and the time of the log do not
 * tell it: a commit is first in the log, then on the disk, which can take a while, and only then in the log's index, where
 * readers look (https://www.sqlite.org/walformat.html, section 2.1).
 */
export async function writtenMark(path: string): Promise<string> {
  const [database, log] = await Promise.all(
    [path, `${path}-wal`].map((file) => stat(file).catch(() => undefined)),
  );
  const written = database?.size ? `${database.size} ${database.mtimeMs}` : '';
  // A log that is empty may have been made by a reader.
  return log?.size ? `${written} ${await readStart(`${path}-shm`, WAL_INDEX_HEADER_BYTES)}` : written;
}

/** In hexadecimal; empty when there is no such file. */
async function readStart(path: string, bytes: number): Promise<string> {
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return '';
  await using _ = handle;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
  return buffer.toString('hex', 0, bytesRead);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
