import { embeddedText, toHex } from '../embedded-text.ts';
import { optional, type Row, toChunk, toMarks } from '../stored-chunk.ts';
import type { PendingText, QuarantinedChunk, VectorSetStats, VectorStats } from '../vectors.ts';
import { findCollection, noCollection } from './collections.ts';
import type { Db } from './db.ts';
import { madeSet, tableOf, toSet } from './vector-sets.ts';

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

/**
 * Nearly every search asks for these, by one statement: of the set that is made, what is not pending is there, and is not
 * counted.
 *
 * @throws {StoreError} COLLECTION_NOT_FOUND
 */
export async function vectorStats(db: Db, name?: string): Promise<VectorStats> {
  const rows = await (name === undefined ? db.all(STATS_OF_ALL) : db.all(STATS_OF_ONE, name));
  const [first] = rows;
  if (first === undefined) throw noCollection(String(name));
  const stats: { searched?: VectorSetStats; made?: VectorSetStats } = {};
  for (const row of rows.filter(({ name: set }) => set !== null)) {
    const set = toSet(row);
    const chunks = Number(row['chunks']);
    const quarantined = Number(row['quarantined']);
    const collection = row['collection'] === null ? undefined : Number(row['collection']);
    const embedded = set.isMade
      ? chunks - Number(row['pending']) - quarantined
      : await countIn(db, tableOf(set), collection);
    const { id, model, dimensions } = set;
    const counted = {
      id,
      model,
      dimensions,
      embedded,
      pending: chunks - embedded - quarantined,
      quarantined,
    };
    if (set.isSearched) stats.searched = counted;
    if (set.isMade) stats.made = counted;
  }
  return { searched: stats.searched, made: stats.made };
}

/** A row for each set, and one without a set where there is none. `which` is what is looked at in a table with collections. */
function statsSql(of: string, which: string): string {
  return `SELECT o.id AS collection, o.chunks, s.*,
      (SELECT count(*) FROM pending_chunks WHERE collection ${which}) AS pending,
      (SELECT count(*) FROM quarantined_texts q JOIN chunks c ON c.text_hash = q.text_hash
        JOIN documents d ON d.id = c.document WHERE q.vector_set = s.id AND d.collection ${which}) AS quarantined
    FROM (${of}) o LEFT JOIN vector_sets s ON s.is_made OR s.is_searched ORDER BY s.id`;
}

const STATS_OF_ONE = statsSql(
  'SELECT c.id, (SELECT sum(chunks) FROM counts WHERE collection = c.id) AS chunks FROM collections c WHERE c.name = $1',
  '= o.id',
);
const STATS_OF_ALL = statsSql(
  'SELECT NULL::int AS id, (SELECT coalesce(sum(chunks), 0) FROM counts) AS chunks',
  'IN (SELECT id FROM collections)',
);

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function countDivided(db: Db, name?: string): Promise<number> {
  const collection = name === undefined ? undefined : await findCollection(db, name);
  const made = await madeSet(db);
  return made === undefined ? 0 : countIn(db, `${tableOf(made)} WHERE is_divided`, collection?.id);
}

async function countIn(db: Db, rows: string, collection: number | undefined): Promise<number> {
  const sql = `SELECT count(*) AS n FROM (SELECT collection FROM ${rows}) counted`;
  const row =
    collection === undefined
      ? await db.get(`${sql} WHERE collection IN (SELECT id FROM collections)`)
      : await db.get(`${sql} WHERE collection = $1`, collection);
  return Number(row?.['n']);
}
