import { statSync } from 'node:fs';
import { StoreError } from '../store-error.ts';
import { type Database, pragma } from './database.ts';

/** "xnai" in ASCII: marks the file as ours. */
export const APPLICATION_ID = 0x786e6169;
export const SCHEMA_VERSION = 6;

/** A write-ahead log beside the index: the last process did not close it. To be asked before the index is opened. */
export function wasLeftOpen(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

/**
 * Checks that the file is an index that this version can use. Every page is read only when a crash may have damaged it
 * (`isSuspect`), or when it is to be changed to a newer format: that takes seconds for each gigabyte. Otherwise it is the
 * first row of each table, and reads report what else they find damaged.
 *
 * @throws {StoreError} INDEX_FOREIGN, INDEX_NEWER or INDEX_DAMAGED
 */
export function checkFile(
  db: Database,
  { path, isSuspect }: { readonly path: string; readonly isSuspect: boolean },
): void {
  const tables = db.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0");
  const version = pragma(db, 'user_version');
  const isOurs = pragma(db, 'application_id') === APPLICATION_ID;
  if (!isOurs && (tables.length > 0 || version > 0)) {
    throw new StoreError('INDEX_FOREIGN', { detail: `${path} is an SQLite file of something else` });
  }
  if (version > SCHEMA_VERSION) {
    const detail = `${path} was written by a newer version (format ${version}; this one reads ${SCHEMA_VERSION})`;
    throw new StoreError('INDEX_NEWER', { detail });
  }
  if (isSuspect || version < SCHEMA_VERSION) checkEveryPage(db);
  // SQLite itself throws where a page on the way to the row is damaged.
  else for (const { name } of tables) db.get(`SELECT * FROM "${name}" LIMIT 1`);
}

function checkEveryPage(db: Database): void {
  const fault = db.get('PRAGMA quick_check(1)')?.['quick_check'];
  if (fault !== 'ok') throw new StoreError('INDEX_DAMAGED', { cause: fault });
}
