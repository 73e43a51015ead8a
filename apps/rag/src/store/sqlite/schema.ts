import { existsSync } from 'node:fs';
import { StoreError } from '../store-error.ts';
import { KEEP_ADDRESSES } from './addresses.ts';
import { APPLICATION_ID, checkFile, SCHEMA_VERSION, wasLeftOpen } from './check-file.ts';
import { type Database, openDatabase, pragma } from './database.ts';
import { keepGenerations } from './generations.ts';
import { freeBytes } from './reserve.ts';
import { keepChecks } from './set-checks.ts';
import { fromSqlite } from './sqlite-failure.ts';
import { createTermTable } from './term-tables.ts';
import { DIVIDE_TEXTS, KEEP_VECTORS } from './vector-schema.ts';
import { checkVersions, raiseVersions } from './versions.ts';

export interface WriterOptions {
  readonly path: string;
  /** Size limit of the index file in bytes; undefined: the disk's. */
  readonly maxBytes?: number | undefined;
}

/**
 * Opens the index for writing and makes its tables when it is new. It changes nothing when it throws.
 *
 * @throws {StoreError} INDEX_DAMAGED, INDEX_NEWER or INDEX_FOREIGN when the file cannot be used as the index
 */
export function openForWriting({ path, maxBytes }: WriterOptions): Database {
  const isSuspect = wasLeftOpen(path);
  const db = openDatabase(path, { readOnly: false });
  try {
    checkFile(db, { path, isSuspect });
    db.exec(WRITER_SETTINGS);
    const isSmall = freeBytes(path) < SMALL_DISK_BYTES;
    db.exec(`PRAGMA wal_autocheckpoint = ${isSmall ? LOG_PAGES.small : LOG_PAGES.usual}`);
    if (userVersion(db) === 0) db.exec(CREATE);
    if (userVersion(db) === 1) db.exec(KEEP_BLOCKS);
    if (userVersion(db) === 2) db.exec(KEEP_ADDRESSES);
    if (userVersion(db) === 3) keepTerms(db);
    if (userVersion(db) === 4) db.exec(KEEP_VECTORS);
    if (userVersion(db) === 5) db.exec(DIVIDE_TEXTS);
    checkVersions(db);
    keepGenerations(db);
    keepChecks(db);
    raiseVersions(db);
    // Last, since a change of format needs pages that an index at its limit does not have.
    if (maxBytes !== undefined) limitSize(db, maxBytes);
    return db;
  } catch (error) {
    db.close();
    throw describe(error, path);
  }
}

/**
 * Checks that the file is an index of exactly this format, without writing to it.
 *
 * @throws {StoreError} INDEX_MISSING, INDEX_FOREIGN, INDEX_OLDER, INDEX_NEWER or INDEX_DAMAGED
 */
export function requireReadable(path: string): void {
  if (!existsSync(path)) throw new StoreError('INDEX_MISSING', { detail: `there is no index at ${path}` });
  const db = openDatabase(path, { readOnly: true });
  try {
    if (pragma(db, 'application_id') !== APPLICATION_ID)
      throw new StoreError('INDEX_FOREIGN', { detail: `${path} is no index` });
    if (userVersion(db) < SCHEMA_VERSION) {
      const detail = `${path} is of format ${userVersion(db)}, and this release reads ${SCHEMA_VERSION}: start rag on it once`;
      throw new StoreError('INDEX_OLDER', { detail });
    }
    checkFile(db, { path, isSuspect: false });
    checkVersions(db);
  } catch (error) {
    throw describe(error, path);
  } finally {
    db.close();
  }
}

/** Opens an index that a writer has opened before. */
export function openForReading(path: string): Database {
  const db = openDatabase(path, { readOnly: true });
  db.exec('PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY');
  return db;
}

/** Of how many pages the log may be, 16 MiB, until it is copied into the index. On a small disk, such as a tmpfs, room counts more than time. */
export const LOG_PAGES = { usual: 4096, small: 64 } as const;
const SMALL_DISK_BYTES = 1024 ** 3;

/** `synchronous = FULL`: an acknowledged write survives a power cut; commits are grouped, so it costs little. */
const WRITER_SETTINGS = `
  PRAGMA auto_vacuum = INCREMENTAL;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA cache_size = -8000;
  PRAGMA temp_store = MEMORY;
`;

/**
 * The text of a document is kept once: in its chunks, each with the text between it and the one before
 * (`lead`), and in `tail` behind the last. Each collection has a full-text table (`termTable`).
 */
const CREATE = `
  BEGIN IMMEDIATE;
  CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    documents INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    updated_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    collection INTEGER NOT NULL,
    name TEXT NOT NULL,
    title TEXT,
    url TEXT,
    content_type TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    metadata TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    tail TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (collection, name)
  ) STRICT;
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    lead TEXT NOT NULL,
    text TEXT NOT NULL,
    heading TEXT NOT NULL,
    context TEXT NOT NULL,
    UNIQUE (document, ordinal)
  ) STRICT;
  CREATE TABLE metadata (
    collection INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (collection, key, value, document)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX metadata_document ON metadata (document);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = 1;
  COMMIT;
`;

/** From format 1 to 2. The new columns of documents that are there stay empty until they are read again, and the parts are those of format 1. */
const KEEP_BLOCKS = `
  BEGIN IMMEDIATE;
  ALTER TABLE documents ADD COLUMN blocks_version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE documents ADD COLUMN inline TEXT;
  ALTER TABLE documents ADD COLUMN pages TEXT;
  ALTER TABLE documents ADD COLUMN details BLOB;
  ALTER TABLE chunks ADD COLUMN blocks BLOB;
  CREATE INDEX documents_blocks_version ON documents (blocks_version);
  CREATE TABLE versions (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO versions VALUES ('blocks', 1), ('terms', 1), ('vectors', 0);
  PRAGMA user_version = 2;
  COMMIT;
`;

/** From format 3 to 4: the words of a document may be of another version than those that its collection is searched by. */
function keepTerms(db: Database): void {
  db.exec(`
    BEGIN IMMEDIATE;
    ALTER TABLE collections ADD COLUMN terms_version INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE documents ADD COLUMN terms_version INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE documents ADD COLUMN language TEXT;
    CREATE INDEX documents_terms_version ON documents (collection, terms_version);
    CREATE TABLE languages (
      collection INTEGER NOT NULL,
      language TEXT NOT NULL,
      documents INTEGER NOT NULL,
      PRIMARY KEY (collection, language)
    ) STRICT, WITHOUT ROWID;
  `);
  for (const { id } of db.all('SELECT id FROM collections')) createTermTable(db, Number(id));
  db.exec('PRAGMA user_version = 4; COMMIT');
}

export function limitSize(db: Database, maxBytes: number): void {
  const pages = Math.max(1, Math.floor(maxBytes / pragma(db, 'page_size')));
  db.exec(`PRAGMA max_page_count = ${pages}`);
}

function userVersion(db: Database): number {
  return pragma(db, 'user_version');
}

function describe(error: unknown, path: string): StoreError {
  const known = fromSqlite(error);
  if (known.code !== 'INDEX_DAMAGED') return known;
  const detail = `the index file ${path} is damaged; it is left as it is. Move it away to start with an empty index`;
  return new StoreError('INDEX_DAMAGED', { detail, cause: known.cause });
}
