import type { Metadata } from '@xnai/contracts';
import type { Database } from './database.ts';

/** The rows by which a search is filtered. Values are stored as JSON, so that 1, "1" and true stay apart. */
export function replaceMetadataRows(
  db: Database,
  collection: number,
  documentId: number,
  metadata: Metadata,
): void {
  db.run('DELETE FROM metadata WHERE document = ?', documentId);
  for (const [key, value] of Object.entries(metadata)) {
    const sql = 'INSERT INTO metadata (collection, key, value, document) VALUES (?, ?, ?, ?)';
    db.run(sql, collection, key, JSON.stringify(value), documentId);
  }
}
