import type { VectorSet } from '../vectors.ts';
import { release } from './chunk-vectors.ts';
import { type Database, pragma } from './database.ts';
import { freeBytes } from './reserve.ts';
import { chunksOf, takeBlock } from './vector-blocks.ts';
import { livingSets } from './vector-sets.ts';

/** Makes this the set that is made, if it is not. */
export function beginSet(db: Database, { id, model, dimensions }: VectorSet): void {
  const sets = livingSets(db);
  if (sets.some((set) => set.isMade && set.id === id)) return;
  const searched = sets.find(({ isSearched }) => isSearched);
  db.run('UPDATE vector_sets SET is_made = 0');
  if (searched?.id === id) {
    db.run('UPDATE vector_sets SET is_made = 1 WHERE id = ?', searched.row);
    renewPending(db, searched.row);
    return;
  }
  if (searched !== undefined && !hasRoomFor(db, dimensions)) db.run('UPDATE vector_sets SET is_searched = 0');
  const sql =
    'INSERT INTO vector_sets (name, model, dimensions, is_made, is_searched) VALUES (?, ?, ?, 1, 0)';
  renewPending(db, db.run(sql, id, model, dimensions).lastId);
}

/** Makes all sets old. */
export function discardSets(db: Database): void {
  db.exec('UPDATE vector_sets SET is_made = 0, is_searched = 0; DELETE FROM pending_chunks');
}

/** Signs and magnitudes; the rest is what the pages of `vectors` leave empty, and the numbers of a chunk. */
function bytesOfChunk(dimensions: number): number {
  return (dimensions * 7) / 8 + 40;
}

function hasRoomFor(db: Database, dimensions: number): boolean {
  const chunks = Number(db.get('SELECT sum(chunks) AS n FROM collections')?.['n'] ?? 0);
  const pages = pragma(db, 'max_page_count') - pragma(db, 'page_count') + pragma(db, 'freelist_count');
  const room = Math.min(pages * pragma(db, 'page_size'), freeBytes(db.path));
  return chunks * bytesOfChunk(dimensions) < room * LIKELY_FILLED;
}

/** Documents that come meanwhile, and the log, need room too. */
const LIKELY_FILLED = 0.8;

function renewPending(db: Database, set: number): void {
  db.exec('DELETE FROM pending_chunks; INSERT INTO pending_chunks SELECT id FROM chunks');
  const sql = 'DELETE FROM pending_chunks WHERE chunk IN (SELECT value FROM json_each(?))';
  for (const chunks of chunksOf(db, set)) db.run(sql, JSON.stringify(chunks));
  db.run(
    `DELETE FROM pending_chunks WHERE chunk IN (SELECT c.id FROM quarantined_texts q
      JOIN chunks c ON c.text_hash = q.text_hash WHERE q.vector_set = ?)`,
    set,
  );
}

/** The set that is made becomes the one that is searched once nothing of it is pending. */
export function searchWholeSet(db: Database): void {
  const made = db.get('SELECT id FROM vector_sets WHERE is_made AND NOT is_searched');
  if (made === undefined || db.get('SELECT 1 FROM pending_chunks LIMIT 1') !== undefined) return;
  db.exec('UPDATE vector_sets SET is_searched = is_made');
}

export function hasOldSets(db: Database): boolean {
  return db.get('SELECT 1 FROM vector_sets WHERE NOT is_made AND NOT is_searched') !== undefined;
}

/** About what the index and the disk get back where all sets but one, by its id, are given up. */
export function bytesOfOthers(db: Database, kept: string): number {
  const sql = `SELECT s.dimensions, sum(b.size) AS chunks FROM vector_sets s
    JOIN vector_blocks b ON b.vector_set = s.id WHERE s.name <> ? GROUP BY s.id`;
  const bytes = db
    .all(sql, kept)
    .map((row) => Number(row['chunks']) * bytesOfChunk(Number(row['dimensions'])));
  return bytes.reduce((sum, some) => sum + some, 0);
}

/** Gives up all sets but one, by its id. They are old from now on. */
export function giveUpOthers(db: Database, kept: string): void {
  db.run('UPDATE vector_sets SET is_made = 0, is_searched = 0 WHERE name <> ?', kept);
}

const OLD_SETS = 'SELECT id FROM vector_sets WHERE NOT is_made AND NOT is_searched';

/** Deletes one block of a set that is neither made nor searched, or the set itself when none is left. */
export function deleteOldBlock(db: Database): void {
  const row = db.get(`SELECT id, vectors FROM vector_blocks WHERE vector_set IN (${OLD_SETS}) LIMIT 1`);
  if (row !== undefined) {
    release(db, takeBlock(db, row));
    return;
  }
  db.exec(`DELETE FROM quarantined_texts WHERE vector_set IN (${OLD_SETS});
    DELETE FROM vector_sets WHERE NOT is_made AND NOT is_searched`);
}
