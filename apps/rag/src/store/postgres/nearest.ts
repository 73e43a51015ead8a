import type { Sql } from '../filter-sql.ts';
import type { Scored } from '../to-hits.ts';
import type { QueryVector } from '../vectors.ts';
import { bothOf, type Db, numbered } from './db.ts';
import { unit } from './make-vectors.ts';
import type { Searched } from './searched.ts';
import { type SetRow, tableOf } from './vector-sets.ts';

export interface NearestOptions {
  readonly collection: Searched;
  readonly vector: QueryVector;
  /** Selects the documents whose chunks are wanted; undefined: all. */
  readonly documents: Sql | undefined;
  readonly limit: number;
  /** Fewer are compared one by one. */
  readonly few: number;
}

/** How many the index looks at for each that is wanted: with 4, 99 of 100 that are nearest are found. */
const CANDIDATES = 4;
/** The most that pgvector takes. */
const MOST_CANDIDATES = 1_000;

/** The chunks whose vectors are nearest, best first; undefined where the vector is not one of a set that is kept. */
export async function findNearest(
  db: Db,
  { collection, vector, documents, limit, few }: NearestOptions,
): Promise<readonly Scored[] | undefined> {
  const set = collection.sets.find(
    ({ id, dimensions }) => id === vector.set && dimensions === vector.values.length,
  );
  if (set === undefined) return undefined;
  const query = {
    set,
    collection: collection.id,
    documents,
    limit,
    values: `[${unit(vector.values).join(',')}]`,
  };
  if (!set.hasGraph || (await isFew(db, query, { chunks: collection.chunks, few })))
    return compareAll(db, query);
  const found = await askIndex(db, query);
  // Where a filter leaves few of those that are near, the index gives up before it has enough.
  return found.length < limit ? compareAll(db, query) : found;
}

interface Query {
  readonly set: SetRow;
  readonly collection: number;
  readonly documents: Sql | undefined;
  readonly limit: number;
  readonly values: string;
}

async function isFew(
  db: Db,
  query: Query,
  { chunks, few }: { readonly chunks: number; readonly few: number },
): Promise<boolean> {
  // Without a filter it is known: nearly all chunks have a vector.
  if (chunks < few || query.documents === undefined) return chunks < few;
  const { sql, values } = wanted(query);
  const some = `SELECT 1 FROM ${tableOf(query.set)} v WHERE ${sql} LIMIT ${few}`;
  const row = await db.get(`SELECT count(*) AS n FROM (${numbered(some, 0)}) wanted`, ...values);
  return Number(row?.['n']) < few;
}

/** `+ 0` keeps the server from the index, which would leave some out. */
function compareAll(db: Db, query: Query): Promise<Scored[]> {
  return nearest(db, query, '(v.embedding <=> $1::halfvec) + 0');
}

async function askIndex(db: Db, query: Query): Promise<Scored[]> {
  const candidates = Math.min(MOST_CANDIDATES, query.limit * CANDIDATES);
  const set = db.run(
    `SET LOCAL hnsw.ef_search = ${candidates}; SET LOCAL hnsw.iterative_scan = strict_order`,
  );
  const [, found] = await bothOf(set, nearest(db, query, 'v.embedding <=> $1::halfvec'));
  return found;
}

async function nearest(db: Db, query: Query, distance: string): Promise<Scored[]> {
  const { sql, values } = wanted(query);
  const rows = await db.all(
    `SELECT v.chunk AS id, 1 - (v.embedding <=> $1::halfvec) AS score FROM ${tableOf(query.set)} v
      WHERE ${numbered(sql, 2)} ORDER BY ${distance} LIMIT $2`,
    query.values,
    query.limit,
    ...values,
  );
  const found = rows.map((row) => ({ id: Number(row['id']), score: Number(row['score']) }));
  return found.sort((a, b) => b.score - a.score || a.id - b.id);
}

/** The collection is named and not a value, so that the server sees that it may use the index of this collection. */
function wanted({ collection, documents }: Query): Sql {
  if (documents === undefined) return { sql: `v.collection = ${collection}`, values: [] };
  return {
    sql: `v.collection = ${collection} AND v.chunk IN (SELECT id FROM chunks WHERE document IN (${documents.sql}))`,
    values: documents.values,
  };
}
