import type { Db } from './db.ts';
import { livingSets, type SetRow, tableOf } from './vector-sets.ts';

/** Gives new chunks the vectors that their texts have in some other chunk; the others are pending. */
export async function attachVectors(db: Db, collection: number, chunks: readonly number[]): Promise<void> {
  for (const set of await livingSets(db)) {
    await db.run(
      `INSERT INTO ${tableOf(set)} (chunk, collection, embedding, is_divided)
        SELECT n.id, $1, v.embedding, v.is_divided FROM chunks n CROSS JOIN LATERAL (SELECT v.* FROM chunks o
          JOIN ${tableOf(set)} v ON v.chunk = o.id WHERE o.text_hash = n.text_hash LIMIT 1) v
        WHERE n.id = ANY($2::bigint[])`,
      collection,
      chunks,
    );
    if (set.isMade) await setPending(db, set, { collection, chunks });
  }
}

async function setPending(
  db: Db,
  set: SetRow,
  { collection, chunks }: { readonly collection: number; readonly chunks: readonly number[] },
): Promise<void> {
  const sql = `INSERT INTO pending_chunks SELECT c.id, $1 FROM chunks c WHERE c.id = ANY($2::bigint[])
    AND NOT EXISTS (SELECT 1 FROM ${tableOf(set)} v WHERE v.chunk = c.id)
    AND NOT EXISTS (SELECT 1 FROM quarantined_texts q WHERE q.vector_set = $3 AND q.text_hash = c.text_hash)`;
  await db.run(sql, collection, chunks, set.row);
}

/**
 * Takes chunks, which are about to be deleted, out of all sets. What is pending goes first: who gives a chunk its vector
 * holds that row, and is waited for.
 */
export async function detachVectors(db: Db, chunks: readonly number[]): Promise<void> {
  await db.run('DELETE FROM pending_chunks WHERE chunk = ANY($1::bigint[])', chunks);
  for (const set of await livingSets(db))
    await db.run(`DELETE FROM ${tableOf(set)} WHERE chunk = ANY($1::bigint[])`, chunks);
}
