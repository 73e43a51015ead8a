import { fromHex, toHex } from '../embedded-text.ts';
import { StoreError } from '../store-error.ts';
import type { QuarantinedText, TextVector } from '../vectors.ts';
import type { Database } from './database.ts';
import { quantise } from './quantise.ts';
import { addEntries, type Entry, findEntries, takeEntries } from './vector-blocks.ts';
import { livingSets, madeSet } from './vector-sets.ts';

export interface HashedChunk {
  readonly chunk: number;
  readonly hash: Uint8Array;
}

/** Entries by set, and in it by the hash of their text. */
export type KeptEntries = ReadonlyMap<number, ReadonlyMap<string, Entry>>;

/**
 * Gives chunks the vectors that their texts have in some other chunk, or in `kept`; the others are pending.
 * The chunks come in their order, after all others that have their texts.
 */
export function attachVectors(
  db: Database,
  collection: number,
  chunks: readonly HashedChunk[],
  kept: KeptEntries = new Map(),
): void {
  const sets = livingSets(db);
  if (sets.length === 0) return;
  const found = findByText(db, chunks);
  for (const { row: set, isMade } of sets) {
    const entries = chunks.flatMap(({ chunk, hash }) => {
      const name = toHex(hash);
      const entry = kept.get(set)?.get(name) ?? found.get(set)?.get(name);
      return entry === undefined ? [] : [{ ...entry, chunk }];
    });
    addEntries(db, { collection, set }, entries);
    count(db, entries, 1);
    if (isMade) setPending(db, set, chunks, new Set(entries.map(({ chunk }) => chunk)));
  }
}

function findByText(db: Database, chunks: readonly HashedChunk[]): KeptEntries {
  const sql = `SELECT c.id, d.collection FROM chunks c JOIN documents d ON d.id = c.document
    WHERE c.text_hash = ? AND c.id < ? ORDER BY c.id LIMIT 1`;
  const first = chunks[0]?.chunk ?? 0;
  const others = chunks.flatMap(({ hash }) => {
    const row = db.get(sql, hash, first);
    return row === undefined
      ? []
      : { chunk: Number(row['id']), collection: Number(row['collection']), hash: toHex(hash) };
  });
  const found = new Map<number, Map<string, Entry>>();
  const names = new Map(others.map(({ chunk, hash }) => [chunk, hash]));
  for (const [collection, members] of Map.groupBy(others, (other) => other.collection)) {
    const ids = new Set(members.map(({ chunk }) => chunk));
    for (const [set, entries] of findEntries(db, collection, ids)) {
      const byText = found.get(set) ?? new Map<string, Entry>();
      for (const entry of entries) byText.set(names.get(entry.chunk) ?? '', entry);
      found.set(set, byText);
    }
  }
  return found;
}

function setPending(
  db: Database,
  set: number,
  chunks: readonly HashedChunk[],
  embedded: ReadonlySet<number>,
): void {
  const insert = `INSERT INTO pending_chunks SELECT ?1 WHERE NOT EXISTS
    (SELECT 1 FROM quarantined_texts WHERE vector_set = ?2 AND text_hash = ?3)`;
  for (const { chunk, hash } of chunks) {
    db.run('DELETE FROM pending_chunks WHERE chunk = ?', chunk);
    if (!embedded.has(chunk)) db.run(insert, chunk, set, hash);
  }
}

export interface Detached {
  readonly kept: KeptEntries;
  readonly entries: readonly Entry[];
}

/** Takes a document's chunks, which are about to be deleted, out of all sets. To be followed by `release`. */
export function detachVectors(db: Database, collection: number, document: number): Detached {
  db.run('DELETE FROM pending_chunks WHERE chunk IN (SELECT id FROM chunks WHERE document = ?)', document);
  const rows = db.all('SELECT id, text_hash FROM chunks WHERE document = ?', document);
  const names = new Map(rows.map((row) => [Number(row['id']), toHex(row['text_hash'] ?? [])]));
  const taken = takeEntries(db, collection, new Set(names.keys()));
  const byText = (entries: readonly Entry[]) =>
    new Map(entries.map((entry) => [names.get(entry.chunk) ?? '', entry]));
  return {
    kept: new Map([...taken].map(([set, entries]) => [set, byText(entries)])),
    entries: [...taken.values()].flat(),
  };
}

/** Deletes the vectors that no chunk uses any more, once the chunks that use them again are attached. */
export function release(db: Database, entries: readonly Pick<Entry, 'vector'>[]): void {
  if (entries.length === 0) return;
  count(db, entries, -1);
  const ids = JSON.stringify(entries.map(({ vector }) => vector));
  db.run('DELETE FROM vectors WHERE uses <= 0 AND id IN (SELECT value FROM json_each(?))', ids);
}

function count(db: Database, entries: readonly Pick<Entry, 'vector'>[], change: 1 | -1): void {
  if (entries.length === 0) return;
  const sql = `UPDATE vectors SET uses = uses + ? * used.times
    FROM (SELECT value AS id, count(*) AS times FROM json_each(?) GROUP BY value) used WHERE vectors.id = used.id`;
  db.run(sql, change, JSON.stringify(entries.map(({ vector }) => vector)));
}

const SELECT_PENDING = `SELECT c.id, d.collection FROM chunks c JOIN pending_chunks p ON p.chunk = c.id
  JOIN documents d ON d.id = c.document WHERE c.text_hash = ?`;

/** Keeps the vectors for all pending chunks that have these texts, where `set` is the set that is made. */
export function putVectors(db: Database, set: string, vectors: readonly TextVector[]): void {
  const made = madeSet(db);
  if (made?.id !== set) return;
  const entries = vectors.flatMap(({ hash, vector, isDivided = false }) => {
    const quantised = vector.length === made.dimensions ? quantise(vector) : undefined;
    if (quantised === undefined)
      throw new StoreError('VECTOR_UNFIT', { detail: unfit(vector, made.dimensions) });
    const rows = db.all(SELECT_PENDING, fromHex(hash));
    if (rows.length === 0) return [];
    const sql = 'INSERT INTO vectors (uses, magnitudes, is_divided) VALUES (?, ?, ?)';
    const { lastId } = db.run(sql, rows.length, quantised.magnitudes, Number(isDivided));
    db.run(DELETE_PENDING, fromHex(hash));
    return rows.map((row) => ({
      collection: Number(row['collection']),
      chunk: Number(row['id']),
      vector: lastId,
      bits: quantised.bits,
    }));
  });
  for (const [collection, members] of Map.groupBy(entries, (entry) => entry.collection)) {
    addEntries(db, { collection, set: made.row }, members);
  }
}

const DELETE_PENDING =
  'DELETE FROM pending_chunks WHERE chunk IN (SELECT id FROM chunks WHERE text_hash = ?)';

function unfit(vector: Float32Array, dimensions: number): string {
  return vector.length === dimensions
    ? 'the vector has no direction: it is all zeros, or has a number that is not finite'
    : `the vector has ${vector.length} dimensions, and those of its set have ${dimensions}`;
}

export function quarantineText(db: Database, set: string, { hash, reason }: QuarantinedText): void {
  const made = madeSet(db);
  if (made?.id !== set) return;
  const sql = 'INSERT OR REPLACE INTO quarantined_texts (vector_set, text_hash, reason) VALUES (?, ?, ?)';
  db.run(sql, made.row, fromHex(hash), reason);
  db.run(DELETE_PENDING, fromHex(hash));
}
