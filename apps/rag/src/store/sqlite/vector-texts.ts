import { embeddedText, textHashOf, toHex } from '../embedded-text.ts';
import { optional, toChunk, toMarks } from '../stored-chunk.ts';
import type { PendingText, QuarantinedChunk, VectorSetStats, VectorStats } from '../vectors.ts';
import { attachVectors } from './chunk-vectors.ts';
import type { Database } from './database.ts';
import { findCollection } from './find-collection.ts';
import { countUses } from './vector-blocks.ts';
import { livingSets, madeSet, type SetRow } from './vector-sets.ts';

const SELECT_TEXT = `SELECT c.*, d.title, d.inline, d.content_type, d.pages, d.collection, l.name AS collection_name
  FROM chunks c JOIN documents d ON d.id = c.document JOIN collections l ON l.id = d.collection`;

function textOf(row: Parameters<typeof toChunk>[0]): string {
  return embeddedText(toChunk(row), { title: optional(row, 'title'), ...toMarks(row) });
}

/** Undefined where `hashTexts` is to be run first. */
export function pendingTexts(db: Database, limit: number): readonly PendingText[] | undefined {
  const sql = `${SELECT_TEXT} WHERE c.id IN (SELECT chunk FROM pending_chunks ORDER BY chunk LIMIT ?) ORDER BY c.id`;
  const rows = db.all(sql, limit);
  if (rows.some((row) => row['text_hash'] === null)) return undefined;
  const found = new Map<string, PendingText>();
  for (const row of rows) {
    const hash = toHex(row['text_hash']);
    if (!found.has(hash))
      found.set(hash, { hash, text: textOf(row), collection: String(row['collection_name']) });
  }
  return [...found.values()];
}

const HASHED_AT_ONCE = 500;

/** Hashes texts of chunks that an older format kept without. */
export function hashTexts(db: Database): void {
  const sql = `${SELECT_TEXT} WHERE c.id IN (SELECT id FROM chunks WHERE text_hash IS NULL ORDER BY id LIMIT ${HASHED_AT_ONCE})`;
  for (const row of db.all(sql)) {
    const chunk = Number(row['id']);
    const hash = textHashOf(textOf(row));
    db.run('UPDATE chunks SET text_hash = ? WHERE id = ?', hash, chunk);
    attachVectors(db, Number(row['collection']), [{ chunk, hash }]);
  }
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export function quarantinedChunks(db: Database, name: string, limit: number): readonly QuarantinedChunk[] {
  const sql = `SELECT d.name, c.ordinal, q.reason FROM quarantined_texts q CROSS JOIN chunks c ON c.text_hash = q.text_hash
    CROSS JOIN documents d ON d.id = c.document WHERE q.vector_set = ? AND d.collection = ? ORDER BY d.name, c.ordinal LIMIT ?`;
  return db.all(sql, madeSet(db)?.row ?? null, findCollection(db, name).id, limit).map((row) => ({
    documentId: String(row['name']),
    ordinal: Number(row['ordinal']),
    reason: String(row['reason']),
  }));
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export function vectorStats(db: Database, name?: string): VectorStats {
  const collection = name === undefined ? undefined : findCollection(db, name).id;
  const sets = livingSets(db).map((set) => ({ ...set, stats: statsOf(db, set, collection) }));
  return {
    searched: sets.find(({ isSearched }) => isSearched)?.stats,
    made: sets.find(({ isMade }) => isMade)?.stats,
  };
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export function dividedChunks(db: Database, name?: string): number {
  const collection = name === undefined ? undefined : findCollection(db, name).id;
  const made = madeSet(db);
  const rows = db.all('SELECT id FROM vectors WHERE is_divided');
  if (made === undefined || rows.length === 0) return 0;
  return countUses(db, { set: made.row, collection }, new Set(rows.map((row) => Number(row['id']))));
}

/** Joined in this order: those that are given up are few, and the chunks of a collection many. */
const COUNT_QUARANTINED = `SELECT count(*) AS n FROM quarantined_texts q
  CROSS JOIN chunks c ON c.text_hash = q.text_hash`;

/** Values: the set. */
const OF_ALL = {
  embedded: 'SELECT sum(size) AS n FROM vector_blocks WHERE vector_set = ?',
  quarantined: `${COUNT_QUARANTINED} WHERE q.vector_set = ?`,
};

/** Values: the set, the collection. Nearly every search asks for these, so that they read no more than they need. */
const OF_ONE = {
  embedded: 'SELECT sum(size) AS n FROM vector_blocks WHERE vector_set = ? AND collection = ?',
  quarantined: `${COUNT_QUARANTINED} CROSS JOIN documents d ON d.id = c.document
    WHERE q.vector_set = ? AND d.collection = ?`,
};

function statsOf(
  db: Database,
  { row, id, model, dimensions, isMade }: SetRow,
  collection: number | undefined,
): VectorSetStats {
  const count = (sql: string, ...values: number[]) => Number(db.get(sql, ...values)?.['n'] ?? 0);
  const sql = collection === undefined ? OF_ALL : OF_ONE;
  const values = collection === undefined ? [row] : [row, collection];
  const embedded = count(sql.embedded, ...values);
  const missing = countChunks(db, collection) - embedded;
  // Counting what was given up takes its time, and mostly follows from the rest.
  const isSettled = missing === 0 || (isMade && db.get('SELECT 1 FROM pending_chunks LIMIT 1') === undefined);
  const quarantined = isSettled ? missing : count(sql.quarantined, ...values);
  return { id, model, dimensions, embedded, pending: missing - quarantined, quarantined };
}

function countChunks(db: Database, collection: number | undefined): number {
  const row =
    collection === undefined
      ? db.get('SELECT sum(chunks) AS n FROM collections')
      : db.get('SELECT chunks AS n FROM collections WHERE id = ?', collection);
  return Number(row?.['n'] ?? 0);
}
