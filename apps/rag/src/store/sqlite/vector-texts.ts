import type { PendingText, QuarantinedChunk, VectorSetStats, VectorStats } from '../vectors.ts';
import { attachVectors } from './chunk-vectors.ts';
import type { Database } from './database.ts';
import { embeddedText, textHashOf, toHex } from './embedded-text.ts';
import { findCollection } from './find-collection.ts';
import { optional, toChunk, toMarks } from './stored-chunk.ts';
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
  const sql = `SELECT d.name, c.ordinal, q.reason FROM quarantined_texts q JOIN chunks c ON c.text_hash = q.text_hash
    JOIN documents d ON d.id = c.document WHERE q.vector_set = ? AND d.collection = ? ORDER BY d.name, c.ordinal LIMIT ?`;
  return db.all(sql, madeSet(db)?.row ?? null, findCollection(db, name).id, limit).map((row) => ({
    documentId: String(row['name']),
    ordinal: Number(row['ordinal']),
    reason: String(row['reason']),
  }));
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export function vectorStats(db: Database, name?: string): VectorStats {
  const collection = name === undefined ? null : findCollection(db, name).id;
  const sets = livingSets(db).map((set) => ({ ...set, stats: statsOf(db, set, collection) }));
  return {
    searched: sets.find(({ isSearched }) => isSearched)?.stats,
    made: sets.find(({ isMade }) => isMade)?.stats,
  };
}

function statsOf(
  db: Database,
  { row, id, model, dimensions }: SetRow,
  collection: number | null,
): VectorSetStats {
  const number = (sql: string, ...values: (number | null)[]) => Number(db.get(sql, ...values)?.['n'] ?? 0);
  const chunks = number('SELECT sum(chunks) AS n FROM collections WHERE ?1 IS NULL OR id = ?1', collection);
  const embedded = number(
    'SELECT sum(size) AS n FROM vector_blocks WHERE vector_set = ?1 AND (?2 IS NULL OR collection = ?2)',
    row,
    collection,
  );
  const quarantined = number(
    `SELECT count(*) AS n FROM quarantined_texts q JOIN chunks c ON c.text_hash = q.text_hash
      JOIN documents d ON d.id = c.document WHERE q.vector_set = ?1 AND (?2 IS NULL OR d.collection = ?2)`,
    row,
    collection,
  );
  const pending = chunks - embedded - quarantined;
  return { id, model, dimensions, embedded, pending, quarantined };
}
