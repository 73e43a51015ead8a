import type { Connections } from '../connections.ts';
import type { Db } from '../db.ts';
import { tryLockLists } from '../locks.ts';
import { type Clearing, type ClearLimits, clearSome, manyRemoved } from './clear-removed.ts';
import { PACKED_SQL, POSTING_ENDS } from './postings.ts';

export interface PackLimits extends ClearLimits {
  /** This many chunks become a segment. */
  readonly chunks: number;
  /** This many segments of about one size become one. */
  readonly fanIn: number;
  /** Segments of this many chunks are left as they are: to make one of them takes seconds of one statement. */
  readonly most: number;
}

export const PACK_LIMITS: PackLimits = {
  chunks: 500,
  fanIn: 8,
  most: 32_000,
  removed: 2_000,
  removedShare: 20,
};

/** For the sort by which the lists of a segment are made: 500 chunks take some 10 MB. */
const WORK_MEM = "SET LOCAL work_mem = '64MB'";

export interface Packed {
  readonly id: number;
  readonly name: string;
}

/** Brings the lists of a collection in order, in short transactions; ends where another process does it. */
export async function packCollection(
  { read, write }: Pick<Connections, 'read' | 'write'>,
  collection: Packed,
  limits: PackLimits,
): Promise<void> {
  const { id } = collection;
  const step = <T>(work: (db: Db) => Promise<T>) =>
    write(async (db) => ((await tryLockLists(db, collection)) ? await work(db) : undefined));
  while (await step((db) => packRecent(db, id, limits)));
  while (await step((db) => mergeSegments(db, id, limits)));
  let clearing = await read((db) => manyRemoved(db, id, limits));
  while (clearing !== undefined) {
    const now: Clearing = clearing;
    clearing = await step((db) => clearSome(db, id, now));
  }
}

/**
 * A chunk whose older postings are still in lists waits until they are cleared. What a chunk's postings have in common is made
 * once for each, and the order of a list does not matter: to sort all of them would take as long as the rest.
 */
const PACK = `WITH taken AS (
    DELETE FROM recent_terms WHERE chunk IN (
      SELECT chunk FROM recent_terms r WHERE collection = $1
        AND NOT EXISTS (SELECT 1 FROM removed_chunks o WHERE o.collection = $1 AND o.chunk = r.chunk)
        ORDER BY chunk LIMIT $2 FOR UPDATE SKIP LOCKED
    ) RETURNING ${POSTING_ENDS}, weights
  ), made AS (
    INSERT INTO segments (collection, chunks) SELECT $1, count(*) FROM taken RETURNING id
  )
  INSERT INTO term_lists (collection, term, segment, postings)
    SELECT $1, w.key COLLATE "C", made.id, string_agg(${PACKED_SQL}, ''::bytea)
    FROM taken r CROSS JOIN made CROSS JOIN LATERAL jsonb_each_text(r.weights) w GROUP BY w.key COLLATE "C", made.id`;

async function packRecent(db: Db, collection: number, { chunks, fanIn }: PackLimits): Promise<boolean> {
  const some = `SELECT count(*) AS n FROM (SELECT 1 FROM recent_terms r WHERE collection = $1
    AND NOT EXISTS (SELECT 1 FROM removed_chunks o WHERE o.collection = $1 AND o.chunk = r.chunk) LIMIT $2) waiting`;
  const row = await db.get(some, collection, chunks);
  if (Number(row?.['n']) < chunks) return false;
  await db.run(WORK_MEM);
  return (await db.run(PACK, collection, chunks * fanIn)) > 0;
}

const MERGE = `WITH gone AS (
    DELETE FROM term_lists WHERE segment = ANY($2::int[]) RETURNING term, segment, postings
  )
  INSERT INTO term_lists (collection, term, segment, postings)
    SELECT $1, term, $3, string_agg(postings, ''::bytea ORDER BY segment) FROM gone GROUP BY term`;

/** The smaller ones first, so that each posting is copied once for each time that its segment grows `fanIn` times. */
async function mergeSegments(
  db: Db,
  collection: number,
  { chunks, fanIn, most }: PackLimits,
): Promise<boolean> {
  const rows = await db.all('SELECT id, chunks FROM segments WHERE collection = $1 ORDER BY id', collection);
  const segments = rows.map((row) => ({ id: Number(row['id']), chunks: Number(row['chunks']) }));
  for (let limit = chunks * fanIn; limit <= most; limit *= fanIn) {
    const small = segments.filter((segment) => segment.chunks < limit);
    if (small.length < fanIn) continue;
    const ids = small.map(({ id }) => id);
    const sum = small.reduce((all, segment) => all + segment.chunks, 0);
    const sql = 'INSERT INTO segments (collection, chunks) VALUES ($1, $2) RETURNING id';
    const merged = Number((await db.get(sql, collection, sum))?.['id']);
    await db.run(WORK_MEM);
    await db.run(MERGE, collection, ids, merged);
    await db.run('DELETE FROM segments WHERE id = ANY($1::int[])', ids);
    return true;
  }
  return false;
}
