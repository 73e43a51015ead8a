import { embeddedText, toHex } from '../embedded-text.ts';
import { optional, type Row, toChunk, toMarks } from '../stored-chunk.ts';
import type { PendingText, QuarantinedChunk, VectorSetStats, VectorStats } from '../vectors.ts';
import { findCollection } from './collections.ts';
import type { Db } from './db.ts';
import { livingSets, madeSet, type SetRow, tableOf } from './vector-sets.ts';

export async function pendingTexts(db: Db, limit: number): Promise<readonly PendingText[]> {
  const rows = await db.all(
    `SELECT c.*, d.title, d.inline, d.content_type, d.pages, l.name AS collection_name
      FROM (SELECT chunk FROM pending_chunks ORDER BY chunk LIMIT $1) p JOIN chunks c ON c.id = p.chunk
      JOIN documents d ON d.id = c.document JOIN collections l ON l.id = d.collection ORDER BY c.id`,
    limit,
  );
  const found = new Map<string, PendingText>();
  for (const row of rows) {
    const hash = toHex(row['text_hash']);
    if (!found.has(hash))
      found.set(hash, { hash, text: textOf(row), collection: String(row['collection_name']) });
  }
  return [...found.values()];
}

function textOf(row: Row): string {
  return embeddedText(toChunk(row), { title: optional(row, 'title'), ...toMarks(row) });
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function quarantinedChunks(
  db: Db,
  name: string,
  limit: number,
): Promise<readonly QuarantinedChunk[]> {
  const { id } = await findCollection(db, name);
  const rows = await db.all(
    `SELECT d.name, c.ordinal, q.reason FROM quarantined_texts q JOIN chunks c ON c.text_hash = q.text_hash
      JOIN documents d ON d.id = c.document WHERE q.vector_set = $1 AND d.collection = $2
      ORDER BY d.name, c.ordinal LIMIT $3`,
    (await madeSet(db))?.row ?? null,
    id,
    limit,
  );
  return rows.map((row) => ({
    documentId: String(row['name']),
    ordinal: Number(row['ordinal']),
    reason: String(row['reason']),
  }));
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function vectorStats(db: Db, name?: string): Promise<VectorStats> {
  const collection = name === undefined ? undefined : await findCollection(db, name);
  const chunks =
    collection?.chunks ?? Number((await db.get('SELECT sum(chunks) AS n FROM counts'))?.['n'] ?? 0);
  const of = { id: collection?.id, chunks };
  const stats: { searched?: VectorSetStats; made?: VectorSetStats } = {};
  for (const set of await livingSets(db)) {
    const counted = await statsOf(db, set, of);
    if (set.isSearched) stats.searched = counted;
    if (set.isMade) stats.made = counted;
  }
  return { searched: stats.searched, made: stats.made };
}

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function countDivided(db: Db, name?: string): Promise<number> {
  const collection = name === undefined ? undefined : await findCollection(db, name);
  const made = await madeSet(db);
  return made === undefined ? 0 : countIn(db, `${tableOf(made)} WHERE is_divided`, collection?.id);
}

interface Counted {
  readonly id: number | undefined;
  readonly chunks: number;
}

/** Nearly every search asks for these: of the set that is made, what is not pending is there, and is not counted. */
async function statsOf(db: Db, set: SetRow, { id: collection, chunks }: Counted): Promise<VectorSetStats> {
  const { id, model, dimensions } = set;
  const quarantined = await countQuarantined(db, set, collection);
  const counted = await countIn(db, set.isMade ? 'pending_chunks' : tableOf(set), collection);
  const embedded = set.isMade ? chunks - counted - quarantined : counted;
  return { id, model, dimensions, embedded, pending: chunks - embedded - quarantined, quarantined };
}

async function countQuarantined(db: Db, { row }: SetRow, collection: number | undefined): Promise<number> {
  const sql = `SELECT count(*) AS n FROM quarantined_texts q JOIN chunks c ON c.text_hash = q.text_hash
    JOIN documents d ON d.id = c.document WHERE q.vector_set = $1
    AND CASE WHEN $2::int IS NULL THEN d.collection IN (SELECT id FROM collections) ELSE d.collection = $2 END`;
  return Number((await db.get(sql, row, collection ?? null))?.['n']);
}

async function countIn(db: Db, rows: string, collection: number | undefined): Promise<number> {
  const sql = `SELECT count(*) AS n FROM (SELECT collection FROM ${rows}) counted`;
  const row =
    collection === undefined
      ? await db.get(`${sql} WHERE collection IN (SELECT id FROM collections)`)
      : await db.get(`${sql} WHERE collection = $1`, collection);
  return Number(row?.['n']);
}
