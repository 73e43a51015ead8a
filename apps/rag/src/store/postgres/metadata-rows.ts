import type { Metadata } from '@xnai/contracts';
import type { Db } from './db.ts';

/** The rows by which a search is filtered. Values are stored as JSON, so that 1, "1" and true stay apart. */
export async function insertMetadataRows(
  db: Db,
  collection: number,
  document: number,
  metadata: Metadata,
): Promise<void> {
  const keys = Object.keys(metadata);
  if (keys.length === 0) return;
  const sql = `INSERT INTO metadata (collection, document, key, value)
    SELECT $1, $2, key, value FROM unnest($3::text[], $4::text[]) AS entry (key, value)`;
  const values = Object.values(metadata).map((value) => JSON.stringify(value));
  await db.run(sql, collection, document, keys, values);
}

export async function replaceMetadataRows(
  db: Db,
  collection: number,
  document: number,
  metadata: Metadata,
): Promise<void> {
  await db.run('DELETE FROM metadata WHERE document = $1', document);
  await insertMetadataRows(db, collection, document, metadata);
}
