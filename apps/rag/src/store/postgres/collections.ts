import { createHash } from 'node:crypto';
import type { CollectionStats } from '../store.ts';
import { StoreError } from '../store-error.ts';
import { toCollection } from '../stored-document.ts';
import type { Db } from './db.ts';
import { SLOTS } from './schema.ts';
import { createWordsIfUsable } from './textsearch/tables.ts';

/** Behind those of documents: for what changes whole collections. */
const SLOT_OF_ALL = SLOTS;

const SELECT_COLLECTION = `SELECT c.id, c.name, n.* FROM collections c CROSS JOIN LATERAL (
    SELECT sum(documents) AS documents, sum(chunks) AS chunks, sum(bytes) AS bytes, sum(terms) AS terms,
      max(updated_at) AS updated_at, md5(string_agg(generation::text, '' ORDER BY slot)) AS generation
    FROM counts WHERE collection = c.id) n`;

export interface FoundCollection {
  readonly id: number;
  readonly chunks: number;
  /** Of all chunks together. */
  readonly terms: number;
}

const FIND_COLLECTION = `SELECT c.id, sum(n.chunks) AS chunks, sum(n.terms) AS terms
  FROM collections c JOIN counts n ON n.collection = c.id WHERE c.name = $1 GROUP BY c.id`;

/** @throws {StoreError} COLLECTION_NOT_FOUND */
export async function findCollection(db: Db, name: string): Promise<FoundCollection> {
  const row = await db.get(FIND_COLLECTION, name);
  if (row === undefined) throw noCollection(name);
  return { id: Number(row['id']), chunks: Number(row['chunks']), terms: Number(row['terms']) };
}

export function noCollection(name: string): StoreError {
  const detail = `There is no collection "${name}" (yet): its first document makes it`;
  return new StoreError('COLLECTION_NOT_FOUND', { detail });
}

export async function collectionId(db: Db, name: string): Promise<number | undefined> {
  const row = await db.get('SELECT id FROM collections WHERE name = $1', name);
  return row === undefined ? undefined : Number(row['id']);
}

export async function getCollection(db: Db, name: string): Promise<CollectionStats | undefined> {
  const row = await db.get(`${SELECT_COLLECTION} WHERE c.name = $1`, name);
  return row && toCollection(row);
}

export async function listCollections(db: Db, after: string, limit: number): Promise<CollectionStats[]> {
  const sql = `${SELECT_COLLECTION} WHERE c.name > $1 ORDER BY c.name LIMIT $2`;
  return (await db.all(sql, after, limit)).map(toCollection);
}

/** The first of several writers makes it, and the others wait for that. */
export async function ensureCollection(db: Db, name: string, at: string): Promise<number> {
  const known = await collectionId(db, name);
  if (known !== undefined) return known;
  const sql = 'INSERT INTO collections (name) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id';
  const made = await db.get(sql, name);
  if (made === undefined) return ensureCollection(db, name, at);
  const id = Number(made['id']);
  await db.run(
    'INSERT INTO counts (collection, slot, updated_at) SELECT $1, slot, $2 FROM generate_series(0, $3::int) AS slot',
    id,
    at,
    SLOT_OF_ALL,
  );
  await createWordsIfUsable(db, id);
  return id;
}

/** Of a document: those of two ids seldom meet. */
export function slotOf(id: string): number {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % SLOTS;
}

export interface Change {
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly terms: number;
}

export const NO_CHANGE: Change = { documents: 0, chunks: 0, bytes: 0, terms: 0 };

/** Of a collection: where what is written to it is counted. `at` may be older than the last change. */
export interface Place {
  readonly collection: number;
  readonly slot: number;
  readonly at: string;
}

export function count(db: Db, { collection, slot, at }: Place, change: Change): void {
  db.atEnd(
    `UPDATE counts SET documents = documents + $3, chunks = chunks + $4, bytes = bytes + $5, terms = terms + $6,
      updated_at = greatest(updated_at, $7), generation = gen_random_uuid() WHERE collection = $1 AND slot = $2`,
    collection,
    slot,
    change.documents,
    change.chunks,
    change.bytes,
    change.terms,
    at,
  );
}

/** For what can be told in these collections besides their documents. */
export async function renewGenerations(db: Db, collections: readonly number[]): Promise<void> {
  const sql =
    'UPDATE counts SET generation = gen_random_uuid() WHERE slot = $1 AND collection = ANY($2::int[])';
  await db.run(sql, SLOT_OF_ALL, collections);
}
