import { detachVectors } from './chunk-vectors.ts';
import { collectionId } from './collections.ts';
import type { Db } from './db.ts';
import { lockCollection, lockVectorSets, tryLockRemains } from './locks.ts';
import { dropWords } from './textsearch/tables.ts';

/** What others count or work on; what is pending goes first, as in `detachVectors`. */
const AT_ONCE = [
  'pending_chunks',
  'recent_terms',
  'segments',
  'languages',
  'set_checks',
  'word_tables',
  'counts',
];

/** From now on nobody finds the collection. What it has is left for `removeRemains`: it may take minutes. */
export async function deleteCollection(db: Db, name: string): Promise<boolean> {
  // Else a set that is begun meanwhile would wait for chunks that are gone.
  await lockVectorSets(db, 'shared');
  await lockCollection(db, name);
  const id = await collectionId(db, name);
  if (id === undefined) return false;
  for (const table of AT_ONCE) await db.run(`DELETE FROM ${table} WHERE collection = $1`, id);
  await db.run('DELETE FROM collections WHERE id = $1', id);
  await db.run('INSERT INTO deleted_collections VALUES ($1)', id);
  return true;
}

/** Of one transaction, which takes some tenths of a second. */
const MOST_CHUNKS = 1_000;
const MOST_DOCUMENTS = 1_000;
const MOST_LISTS = 10_000;

/** `busy`: another process does it. */
export type Remains = 'none' | 'some' | 'busy';

/**
 * Deletes some of what deleted collections have left, and says whether there is more.
 *
 * @param options `isAwaited`: only rows, which nobody else has
 */
export async function removeRemains(db: Db, { isAwaited = false } = {}): Promise<Remains> {
  const id = (await db.get('SELECT id FROM deleted_collections ORDER BY id LIMIT 1'))?.['id'];
  if (id === undefined) return 'none';
  if (!(await tryLockRemains(db))) return 'busy';
  await lockVectorSets(db, 'shared');
  const documents = await someDocuments(db, Number(id));
  if (documents.length > 0) await removeDocuments(db, documents);
  else if (!(await removeLists(db, Number(id))) && !isAwaited) await removeRest(db, Number(id));
  return 'some';
}

/** False where there are none. */
async function removeLists(db: Db, collection: number): Promise<boolean> {
  const some = 'SELECT ctid FROM term_lists WHERE collection = $1 LIMIT $2';
  return (await db.run(`DELETE FROM term_lists WHERE ctid IN (${some})`, collection, MOST_LISTS)) > 0;
}

/** A search may still read the words; what asks for them next would wait behind this one. */
const WAIT = "SET LOCAL lock_timeout = '3s'";

async function removeRest(db: Db, collection: number): Promise<void> {
  for (const table of ['removed_chunks', 'links'])
    await db.run(`DELETE FROM ${table} WHERE collection = $1`, collection);
  await db.run(WAIT);
  await dropWords(db, collection);
  await db.run('DELETE FROM deleted_collections WHERE id = $1', collection);
}

async function someDocuments(db: Db, collection: number): Promise<readonly number[]> {
  const sql = 'SELECT id, chunks FROM documents WHERE collection = $1 LIMIT $2';
  const documents: number[] = [];
  let chunks = 0;
  for (const row of await db.all(sql, collection, MOST_DOCUMENTS)) {
    chunks += Number(row['chunks']);
    if (documents.length > 0 && chunks > MOST_CHUNKS) break;
    documents.push(Number(row['id']));
  }
  return documents;
}

async function removeDocuments(db: Db, documents: readonly number[]): Promise<void> {
  const sql = 'SELECT id FROM chunks WHERE document = ANY($1::bigint[])';
  const chunks = (await db.all(sql, documents)).map(({ id }) => Number(id));
  await detachVectors(db, chunks);
  for (const table of ['chunks', 'metadata', 'aliases'])
    await db.run(`DELETE FROM ${table} WHERE document = ANY($1::bigint[])`, documents);
  await db.run('DELETE FROM documents WHERE id = ANY($1::bigint[])', documents);
}
