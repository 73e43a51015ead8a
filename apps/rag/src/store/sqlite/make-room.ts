import type { DocumentKey } from '../store.ts';
import { type Database, pragma } from './database.ts';
import type { Reserve } from './reserve.ts';
import { limitSize } from './schema.ts';
import { termTables } from './term-tables.ts';

/** Pages by which a deletion may exceed the limit until it gives back its own: 4 MiB. */
const SPARE_PAGES = 1024;

export interface Room {
  readonly reserve: Reserve;
  /** Size limit of the index file in bytes; undefined: the disk's. */
  readonly maxBytes: number | undefined;
}

/**
 * Does work for which an index or a disk that is full to the last page has room: the reserve is given up, and the limit
 * raised by a little, until the work is done and what it freed is back at the file system.
 */
export function withSpareRoom<T>(db: Database, { reserve, maxBytes }: Room, work: () => T): T {
  reserve.release();
  emptyLog(db);
  db.exec(`PRAGMA max_page_count = ${pragma(db, 'page_count') + SPARE_PAGES}`);
  try {
    return work();
  } finally {
    giveBack(db);
    if (maxBytes === undefined) db.exec(`PRAGMA max_page_count = ${MOST_PAGES}`);
    else limitSize(db, maxBytes);
    reserve.restore();
  }
}

/** SQLite's own. */
const MOST_PAGES = 4_294_967_294;

/** Full-text tables keep the room of what was deleted from them until they are merged. */
export function mergeTerms(db: Database): void {
  for (const table of termTables(db)) db.run(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
}

/** All keys of a collection, which may be many: one at a time, while they are being deleted. */
export function* documentsOf(db: Database, collection: string): Generator<DocumentKey> {
  const sql =
    'SELECT name FROM documents WHERE collection = (SELECT id FROM collections WHERE name = ?) LIMIT 1';
  for (let row = db.get(sql, collection); row !== undefined; row = db.get(sql, collection)) {
    yield { collection, id: String(row['name']) };
  }
}

/** Gives free pages back to the file system: only there the log of the next write finds them. */
function giveBack(db: Database): void {
  try {
    db.exec('PRAGMA incremental_vacuum');
  } catch {
    // There is no room to move pages; they are free within the index all the same.
  }
  emptyLog(db);
}

function emptyLog(db: Database): void {
  try {
    db.get('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // The index has no room for what the log holds; it is read from the log.
  }
}
