import { collectionId } from './collections.ts';
import type { Db } from './db.ts';
import { lockCollection, lockVectorSets } from './locks.ts';
import { livingSets, tableOf } from './vector-sets.ts';

/** What has a column for the collection; what is pending goes first, as in `detachVectors`. */
const FIRST = ['pending_chunks', 'recent_terms', 'segments'];
const TABLES = [
  'term_lists',
  'removed_chunks',
  'metadata',
  'aliases',
  'links',
  'documents',
  'languages',
  'counts',
];

export async function deleteCollection(db: Db, name: string): Promise<boolean> {
  // Else a set that is begun meanwhile would wait for chunks that are gone.
  await lockVectorSets(db, 'shared');
  await lockCollection(db, name);
  const id = await collectionId(db, name);
  if (id === undefined) return false;
  for (const table of FIRST) await db.run(`DELETE FROM ${table} WHERE collection = $1`, id);
  for (const set of await livingSets(db))
    await db.run(`DELETE FROM ${tableOf(set)} WHERE collection = $1`, id);
  await db.run('DELETE FROM chunks WHERE document IN (SELECT id FROM documents WHERE collection = $1)', id);
  for (const table of TABLES) await db.run(`DELETE FROM ${table} WHERE collection = $1`, id);
  await db.run('DELETE FROM collections WHERE id = $1', id);
  return true;
}
