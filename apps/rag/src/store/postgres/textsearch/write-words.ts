import type { Db } from '../db.ts';
import type { CutChunk } from '../postings/cut-terms.ts';
import { tableOf } from './tables.ts';
import { wordsOf } from './words.ts';

export interface WrittenWords {
  readonly document: number;
  /** In one order. Chunks that are gone, and those that have words, are left out. */
  readonly ids: readonly number[];
  readonly chunks: readonly CutChunk[];
}

/** Lets chunks of a collection that has a table of words be found by them. */
export async function insertWords(
  db: Db,
  collection: number,
  { document, ids, chunks }: WrittenWords,
): Promise<void> {
  await db.run(
    `INSERT INTO ${tableOf(collection)} (chunk, document, words)
      SELECT n.id, $1, n.words FROM unnest($2::bigint[], $3::text[]) AS n (id, words)
      JOIN chunks c ON c.id = n.id ON CONFLICT DO NOTHING`,
    document,
    ids,
    chunks.map(wordsOf),
  );
}

export async function deleteWords(db: Db, collection: number, ids: readonly number[]): Promise<void> {
  await db.run(`DELETE FROM ${tableOf(collection)} WHERE chunk = ANY($1::bigint[])`, ids);
}
