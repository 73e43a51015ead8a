import { createHash } from 'node:crypto';
import { bothOf, type Db } from './db.ts';
import { LOCK_CLASS } from './migrate.ts';

const VECTOR_SETS = 2;
const REMAINS = 3;
const GRAPHS = 4;
/** Of one transaction: by default the server has room for some 6,400 in all. */
const MOST_LOCKS = 1_000;

/** Of what one process changes at a time, for the rest of its transaction. */
export interface Locks {
  readonly collection: string;
  /** Of documents: their ids, and what else two of them must not have at a time. */
  readonly keys: readonly string[];
}

/** Others may change other documents of the collection, but not delete it, nor begin another set of vectors. */
export async function lockDocuments(db: Db, { collection, keys }: Locks): Promise<void> {
  const hashed = [...new Set(keys.map((key) => hash(collection, key)))].sort();
  if (hashed.length > MOST_LOCKS) {
    await lockVectorSets(db, 'shared');
    return await lockCollection(db, collection);
  }
  const shared = 'SELECT pg_advisory_xact_lock_shared($1, $2), pg_advisory_xact_lock_shared($3::bigint)';
  await bothOf(
    db.all(shared, LOCK_CLASS, VECTOR_SETS, hash(collection, '')),
    db.all('SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key', hashed),
  );
}

export async function lockCollection(db: Db, collection: string): Promise<void> {
  await db.all('SELECT pg_advisory_xact_lock($1::bigint)', hash(collection, ''));
}

/** `exclusive`: while another set is begun, no chunk comes. */
export async function lockVectorSets(db: Db, how: 'shared' | 'exclusive'): Promise<void> {
  const name = how === 'shared' ? 'pg_advisory_xact_lock_shared' : 'pg_advisory_xact_lock';
  await db.all(`SELECT ${name}($1, $2)`, LOCK_CLASS, VECTOR_SETS);
}

/** False where another process brings the collection's lists of terms in order, or deletes it. */
export async function tryLockLists(
  db: Db,
  { id, name }: { readonly id: number; readonly name: string },
): Promise<boolean> {
  const sql = `SELECT pg_try_advisory_xact_lock_shared($1::bigint) AND pg_try_advisory_xact_lock($2::bigint) AS is_mine`;
  const row = await db.get(sql, hash(name, ''), hash(String(id), '\0lists'));
  return row?.['is_mine'] === true;
}

/** False where another process deletes what deleted collections have left. */
export async function tryLockRemains(db: Db): Promise<boolean> {
  const row = await db.get('SELECT pg_try_advisory_xact_lock($1, $2) AS is_mine', LOCK_CLASS, REMAINS);
  return row?.['is_mine'] === true;
}

/** Until the session ends. False where another process changes graphs. */
export async function tryLockGraphs(db: Db): Promise<boolean> {
  const row = await db.get('SELECT pg_try_advisory_lock($1, $2) AS is_mine', LOCK_CLASS, GRAPHS);
  return row?.['is_mine'] === true;
}

/** Of the 64 bits of a lock's number. */
function hash(collection: string, key: string): string {
  return createHash('sha256').update(`${collection}\0${key}`).digest().readBigInt64BE().toString();
}
