import type { DocumentKey } from '../document-key.ts';
import { StoreError } from '../store-error.ts';
import { type Database, pragma } from './database.ts';
import { freeBytes, type Reserve } from './reserve.ts';
import { LOG_PAGES, limitSize } from './schema.ts';
import { fromSqlite } from './sqlite-failure.ts';
import { termTables } from './term-tables.ts';

const PAGE_BYTES = 4096;
/** Pages by which a deletion may exceed the limit until it gives back its own: 4 MiB. */
const SPARE_PAGES = 1024;
/** Of full-text tables, so that no merge takes long. */
const MERGED_PAGES = 250;
/** Given back after a batch. */
const VACUUM_PAGES = 1024;
/** What a document takes at most, as a multiple of its text: in the log, and again in the index. */
const BYTES_PER_CHAR = 8;
/** What FTS5 may merge beside it, again in both. */
const MERGED_BESIDE_BYTES = 2.5 * 1024 ** 2;

export interface Room {
  readonly path: string;
  readonly reserve: Reserve;
  /** Size limit of the index file in bytes; undefined: the disk's. */
  readonly maxBytes: number | undefined;
}

/**
 * Documents leave the disk so much room that the log can be copied into the index, without which not even a deletion
 * would find room in the log.
 *
 * @throws {StoreError} STORAGE_FULL
 */
export function requireRoom(path: string, chars: number): void {
  if (!hasRoom(path, chars)) throw new StoreError('STORAGE_FULL', { detail: 'the disk is nearly full' });
}

/** Whether the disk has that room once it is given back `moreBytes`. */
export function hasRoom(path: string, chars: number, moreBytes = 0): boolean {
  return freeBytes(path) + moreBytes >= chars * BYTES_PER_CHAR + MERGED_BESIDE_BYTES;
}

/** Whether the index would hold what `work` writes if its limit were higher by that: it is tried, and undone. */
export function fitsIntoMore(db: Database, moreBytes: number, work: () => void): boolean {
  const limit = pragma(db, 'max_page_count');
  const more = Math.floor(moreBytes / pragma(db, 'page_size'));
  try {
    // SQLite cuts what is more than its own greatest.
    db.exec(`PRAGMA max_page_count = ${limit + more}`);
    db.exec('BEGIN IMMEDIATE');
    work();
    return true;
  } catch (error) {
    if (fromSqlite(error).code !== 'STORAGE_FULL') throw error;
    return false;
  } finally {
    if (db.isTransaction) db.exec('ROLLBACK');
    db.exec(`PRAGMA max_page_count = ${limit}`);
  }
}

/**
 * Does work for which an index or a disk that is full to the last page has room: the reserve is given up, and the limit
 * raised by a little, until the work is done and what it freed is back at the file system.
 */
export function withSpareRoom<T>(db: Database, { reserve, maxBytes }: Room, work: () => T): T {
  reserve.release();
  emptyLog(db);
  try {
    const done = withSparePages(db, maxBytes, work);
    giveBack(db);
    return done;
  } finally {
    if (maxBytes !== undefined) limitSize(db, maxBytes);
    reserve.restore();
  }
}

/**
 * Makes the room of what was deleted available: to the disk, and in full-text tables, which keep it until they are
 * merged, as far as there is room to merge.
 */
export function collectRoom(db: Database, { path, maxBytes }: Pick<Room, 'path' | 'maxBytes'>): void {
  giveBack(db);
  if (freeBytes(path) < 3 * MERGED_PAGES * PAGE_BYTES) return;
  try {
    withSparePages(db, maxBytes, () => {
      for (const table of termTables(db)) {
        db.run(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', -${MERGED_PAGES})`);
      }
    });
    giveBack(db);
  } catch {
    // There is no room for it yet.
  } finally {
    if (maxBytes !== undefined) limitSize(db, maxBytes);
  }
}

/** The limit is to be set again when what the work freed is given back. */
function withSparePages<T>(db: Database, maxBytes: number | undefined, work: () => T): T {
  if (maxBytes !== undefined) db.exec(`PRAGMA max_page_count = ${pragma(db, 'page_count') + SPARE_PAGES}`);
  return work();
}

/** All keys of a collection, which may be many: one at a time, while they are being deleted. */
export function* documentsOf(db: Database, collection: string): Generator<DocumentKey> {
  const sql =
    'SELECT name FROM documents WHERE collection = (SELECT id FROM collections WHERE name = ?) LIMIT 1';
  for (let row = db.get(sql, collection); row !== undefined; row = db.get(sql, collection)) {
    yield { collection, id: String(row['name']) };
  }
}

/** Gives free pages back to the file system after a batch that deleted: 4 MiB, so that no single call takes long. */
export function giveBackSome(db: Database): void {
  if (freePages(db) > VACUUM_PAGES) vacuum(db, VACUUM_PAGES);
}

/** Gives free pages back to the file system, some at a time: only there the log of the next write finds them. */
function giveBack(db: Database): void {
  emptyLog(db);
  for (let free = freePages(db), before = free + 1; free > 0 && free < before; ) {
    if (!vacuum(db, LOG_PAGES.small)) return;
    emptyLog(db);
    [before, free] = [free, freePages(db)];
  }
}

/** False where that fails, as for want of room to move pages: what freed them is committed all the same. */
function vacuum(db: Database, pages: number): boolean {
  try {
    db.exec(`PRAGMA incremental_vacuum(${pages})`);
    return true;
  } catch {
    return false;
  }
}

function freePages(db: Database): number {
  return pragma(db, 'freelist_count');
}

/** Copies the log into the index, and gives its room back. */
export function emptyLog(db: Database): void {
  try {
    db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The index has no room for what the log holds; it is read from the log.
  }
}
