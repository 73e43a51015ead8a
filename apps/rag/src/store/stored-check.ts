import type { Row } from './stored-chunk.ts';
import type { SetCheck } from './vectors.ts';

/** What checks of living sets found, in the SQL of both engines. */
export const SELECT_CHECKS = `SELECT c.name AS collection, s.name AS set_name, k.chunks, k.checked_at, k.found
  FROM set_checks k JOIN collections c ON c.id = k.collection JOIN vector_sets s ON s.id = k.vector_set
  WHERE s.is_made OR s.is_searched`;

export function toCheck(row: Row): SetCheck {
  return {
    collection: String(row['collection']),
    set: String(row['set_name']),
    chunks: Number(row['chunks']),
    checkedAt: String(row['checked_at']),
    found: String(row['found']),
  };
}
