import { StoreError } from '../store-error.ts';
import type { Connections } from './connections.ts';
import type { Db } from './db.ts';
import { isOlder } from './is-older.ts';
import { stateOf } from './postgres-failure.ts';
import { MIGRATIONS, type Migration } from './schema.ts';
import { readTextsearch } from './textsearch/tables.ts';

/** Format 1 asks for both. */
const LEAST_VERSION = 17;
const LEAST_VECTOR = '0.8.0';

/** "xnai" in ASCII, and one number for each thing that one process does at a time. */
export const LOCK_CLASS = 0x786e6169;
const MIGRATION = 1;

/**
 * Whether the tables are there, and of this release.
 *
 * @throws {StoreError} STORE_UNFIT, INDEX_NEWER, INDEX_FOREIGN, STORE_READ_ONLY, STORE_DENIED or STORE_UNREACHABLE
 */
export function isCurrent(connections: Pick<Connections, 'read'>): Promise<boolean> {
  return connections.read(async (db) => {
    await requireServer(db);
    return (await readFormat(db)) === MIGRATIONS.length;
  });
}

/**
 * Makes the tables, or brings those of an older release to this one, in one transaction: of replicas that start together
 * one does it, and the others wait for it, after `onWait`. Both may take as long as there are documents.
 *
 * @param connections without a time limit
 * @throws {StoreError} as `isCurrent`
 */
export async function migrate(
  connections: Pick<Connections, 'read' | 'write'>,
  { onWait = () => {} }: { readonly onWait?: (() => void) | undefined } = {},
): Promise<void> {
  if (await isCurrent(connections)) return;
  await connections.write(async (db) => {
    await lockMigration(db, onWait);
    const format = await readFormat(db);
    if (format === 0) await begin(db);
    for (const migration of MIGRATIONS.slice(format)) await run(db, migration);
    await db.run('UPDATE format SET version = $1', MIGRATIONS.length);
  });
}

/** Of a lock that another has: the migration of many documents takes far longer. */
const WAIT_TOLD_MS = 1_000;

async function lockMigration(db: Db, onWait: () => void): Promise<void> {
  const timer = setTimeout(onWait, WAIT_TOLD_MS);
  try {
    await db.run('SELECT pg_advisory_xact_lock($1, $2)', LOCK_CLASS, MIGRATION);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Only looks whether the tables are those of this release.
 *
 * @throws {StoreError} as `isCurrent`, INDEX_MISSING or INDEX_OLDER
 */
export async function requireCurrent(connections: Connections): Promise<void> {
  await connections.read(async (db) => {
    await requireServer(db);
    await requireFormat(db);
  });
}

/** @throws {StoreError} INDEX_MISSING, INDEX_OLDER, INDEX_NEWER or INDEX_FOREIGN */
export async function requireFormat(db: Db): Promise<void> {
  const format = await readFormat(db);
  if (format === MIGRATIONS.length) return;
  if (format === 0) throw new StoreError('INDEX_MISSING', { detail: 'the database has no tables of rag' });
  const detail = `the database was written by an older version (format ${format}): start rag of this one on it once`;
  throw new StoreError('INDEX_OLDER', { detail });
}

async function begin(db: Db): Promise<void> {
  await db.run('CREATE SCHEMA IF NOT EXISTS xnai');
  await addVector(db);
  await db.run('CREATE TABLE format (version integer NOT NULL)');
  await db.run('INSERT INTO format VALUES (0)');
}

export const NO_VECTOR =
  'the extension pgvector is not in this database: CREATE EXTENSION vector, as a superuser';

async function addVector(db: Db): Promise<void> {
  try {
    await db.run('CREATE EXTENSION IF NOT EXISTS vector SCHEMA public');
  } catch (error) {
    if (stateOf(error) !== '42501') throw error;
    throw unfit(NO_VECTOR);
  }
}

async function run(db: Db, migration: Migration): Promise<void> {
  if (typeof migration !== 'string') return await migration(db);
  for (const sql of migration.split(';')) if (sql.trim() !== '') await db.run(sql);
}

/** 0 where there are no tables yet. */
export async function readFormat(db: Db): Promise<number> {
  // Read from the catalogue: `to_regclass` may still say of the time before the lock that there is none.
  const tables = (await db.all(TABLES)).map(({ name }) => String(name));
  if (!tables.includes('format')) {
    requireNone(tables);
    return 0;
  }
  const version = Number((await db.get('SELECT version FROM xnai.format'))?.['version']);
  if (version <= MIGRATIONS.length) return version;
  const detail = `the database was written by a newer version (format ${version}; this one reads ${MIGRATIONS.length})`;
  throw new StoreError('INDEX_NEWER', { detail });
}

const TABLES = `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'xnai'`;

function requireNone([other]: readonly string[]): void {
  if (other === undefined) return;
  const detail = `the schema "xnai" of this database has tables of something else (${other})`;
  throw new StoreError('INDEX_FOREIGN', { detail });
}

/** @throws {StoreError} STORE_UNFIT or STORE_READ_ONLY */
export async function requireServer(db: Db): Promise<void> {
  const server = await db.get(
    "SELECT current_setting('server_version_num')::int / 10000 AS version, pg_is_in_recovery() AS reads",
  );
  const version = Number(server?.['version']);
  if (version < LEAST_VERSION)
    throw unfit(`PostgreSQL ${version} is too old: ${LEAST_VERSION} or later is needed`);
  if (server?.['reads'] === true) {
    const detail = 'The server of the store is a standby, which only reads. Name the primary';
    throw new StoreError('STORE_READ_ONLY', { detail });
  }
  await requireVector(db, version);
  await requireLoaded(db);
}

/**
 * Indexes of a library that is not loaded refuse what is written.
 *
 * @throws {StoreError} STORE_UNFIT
 */
export async function requireLoaded(db: Db): Promise<void> {
  const textsearch = await readTextsearch(db);
  if (textsearch.kind !== 'not loaded') return;
  throw unfit(
    `pg_textsearch ${textsearch.version} is in this database, and the server has not loaded it: ALTER SYSTEM SET shared_preload_libraries = 'pg_textsearch' and a restart, or DROP EXTENSION pg_textsearch CASCADE`,
  );
}

async function requireVector(db: Db, version: number): Promise<void> {
  const sql = `SELECT coalesce(installed_version, default_version) AS version
    FROM pg_available_extensions WHERE name = 'vector'`;
  const vector = await db.get(sql);
  const install = `apt install postgresql-${version}-pgvector`;
  if (vector === undefined) {
    throw unfit(`the extension pgvector is missing on the server: ${install}, then CREATE EXTENSION vector`);
  }
  const found = String(vector['version']);
  if (isOlder(found, LEAST_VECTOR)) {
    throw unfit(
      `pgvector ${found} is too old: ${install}, then ALTER EXTENSION vector UPDATE (${LEAST_VECTOR} is needed)`,
    );
  }
}

function unfit(detail: string): StoreError {
  return new StoreError('STORE_UNFIT', { detail });
}
