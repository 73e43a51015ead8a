import type { Db } from './db.ts';
import { graphOf, livingSets, MOST_INDEXED, type SetRow, sharedGraphOf, tableOf } from './vector-sets.ts';

/**
 * Which collections have a graph of their own: an index of the vectors of one collection alone. In one of all collections
 * a search of a small one beside a large one goes through the vectors of the large one.
 */
export interface GraphLimits {
  /** Fewer vectors are compared one by one: in a few milliseconds, and none is missed. */
  readonly least: number;
  /** As `least`, while more are to come: a graph of all at once takes a fraction of the time that one by one take. */
  readonly leastOfMore: number;
  /** The graph of fewer chunks is dropped. */
  readonly kept: number;
}

export const GRAPH_LIMITS: GraphLimits = { least: 5_000, leastOfMore: 20_000, kept: 2_500 };

/** What brings the graphs nearer to the order that they should be in; none of it can be part of a transaction. One process does it at a time. */
export async function graphsToChange(db: Db, limits: GraphLimits): Promise<readonly string[]> {
  const sets = await livingSets(db);
  if (sets.length === 0) return [];
  const large = (await db.all(LARGE, limits.kept)).map(toLarge);
  const graphs = (await db.all(GRAPHS)).map((row) => ({
    name: String(row['name']),
    isWhole: row['is_whole'] === true,
  }));
  const kept = new Set(sets.flatMap((set) => large.map(({ id }) => graphOf(set, id))));
  const isUnwanted = ({ name, isWhole }: Graph) => !isWhole || (isOwn(name) && !kept.has(name));
  return [
    ...graphs.filter(isUnwanted).map(({ name }) => drop(name)),
    ...sets.flatMap((set) => ofSet(set, large, graphs, limits)),
  ];
}

interface Graph {
  readonly name: string;
  /** False of what is left where its making was stopped. */
  readonly isWhole: boolean;
}

interface Large {
  readonly id: number;
  readonly chunks: number;
  readonly pending: number;
}

const LARGE = `SELECT n.collection, n.chunks, (SELECT count(*) FROM pending_chunks WHERE collection = n.collection) AS pending
  FROM (SELECT collection, sum(chunks) AS chunks FROM counts GROUP BY collection HAVING sum(chunks) >= $1) n
  JOIN collections c ON c.id = n.collection ORDER BY n.collection`;

const GRAPHS = `SELECT c.relname AS name, i.indisvalid AS is_whole FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
  WHERE c.relnamespace = to_regnamespace('xnai') AND c.relname ~ '^vectors_[0-9]+_(of_[0-9]+|nearest)$'`;

function toLarge(row: Readonly<Record<string, unknown>>): Large {
  return { id: Number(row['collection']), chunks: Number(row['chunks']), pending: Number(row['pending']) };
}

function isOwn(name: string): boolean {
  return name.includes('_of_');
}

function drop(name: string): string {
  return `DROP INDEX CONCURRENTLY IF EXISTS xnai.${name}`;
}

/** The graph of all collections goes once each large one has its own. */
function ofSet(
  set: SetRow,
  large: readonly Large[],
  graphs: readonly Graph[],
  limits: GraphLimits,
): readonly string[] {
  if (set.dimensions > MOST_INDEXED) return [];
  const known = new Map(graphs.map(({ name, isWhole }) => [name, isWhole]));
  const missing = large.filter((one) => isWanted(set, one, limits) && !known.has(graphOf(set, one.id)));
  const isDone = large.every(
    ({ id, chunks }) => chunks < limits.least || known.get(graphOf(set, id)) === true,
  );
  const shared = sharedGraphOf(set);
  return [
    ...missing.map(({ id }) => create(set, id)),
    ...(isDone && known.get(shared) === true ? [drop(shared)] : []),
  ];
}

function isWanted(
  { isMade }: SetRow,
  { chunks, pending }: Large,
  { least, leastOfMore }: GraphLimits,
): boolean {
  const waiting = isMade ? pending : 0;
  return chunks - waiting >= (waiting === 0 ? least : leastOfMore);
}

function create(set: SetRow, collection: number): string {
  return `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${graphOf(set, collection)} ON xnai.${tableOf(set)}
    USING hnsw (embedding public.halfvec_cosine_ops) WHERE collection = ${collection}`;
}
