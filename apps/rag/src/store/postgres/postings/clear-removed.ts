import type { Db } from '../db.ts';
import { chunkSetOf, chunkSetSql, toChunkSet } from './chunk-set.ts';
import { filterPostings } from './postings.ts';

export interface ClearLimits {
  /** Lists are cleared of removed chunks when there are this many, and at least one for each `removedShare` chunks. */
  readonly removed: number;
  readonly removedShare: number;
}

/** How far the lists of a collection are cleared. */
export interface Clearing {
  readonly removed: readonly number[];
  /** The last list that was. */
  readonly after: ListKey;
  /** By segment: what its lists took, and take now. */
  readonly sizes: ReadonlyMap<number, Size>;
}

interface ListKey {
  readonly term: string;
  readonly segment: number;
}

interface Size {
  readonly before: number;
  readonly now: number;
}

/** What is to be cleared now; undefined where it is little beside the chunks that are left. */
export async function manyRemoved(
  db: Db,
  collection: number,
  { removed, removedShare }: ClearLimits,
): Promise<Clearing | undefined> {
  const row = await db.get(
    `SELECT (SELECT count(*) FROM removed_chunks WHERE collection = $1) AS removed,
      (SELECT sum(chunks) FROM counts WHERE collection = $1) AS chunks`,
    collection,
  );
  const least = Math.max(removed, Number(row?.['chunks'] ?? 0) / removedShare);
  if (Number(row?.['removed']) < least) return undefined;
  const rows = await db.all('SELECT chunk FROM removed_chunks WHERE collection = $1', collection);
  return {
    removed: rows.map(({ chunk }) => Number(chunk)),
    after: { term: '', segment: 0 },
    sizes: new Map(),
  };
}

/** Clears some lists; undefined at the end, where the chunks are forgotten. Segments that are made meanwhile come later. */
export async function clearSome(
  db: Db,
  collection: number,
  { removed: all, after, sizes }: Clearing,
): Promise<Clearing | undefined> {
  const removed = await stillRemoved(db, collection, all);
  const lists = await listsBehind(db, collection, after);
  const last = lists.at(-1);
  if (last === undefined) {
    const sql = 'DELETE FROM removed_chunks WHERE collection = $1 AND chunk = ANY($2::bigint[])';
    await db.run(sql, collection, removed);
    await recountSegments(db, collection, sizes);
    return undefined;
  }
  const gone = chunkSetOf(removed);
  const cleared = lists.map((list) => ({
    ...list,
    kept: filterPostings(list.postings, (chunk) => !gone.has(chunk)),
  }));
  const changed = cleared.filter(({ kept, postings }) => kept !== postings);
  await markAnew(db, [...new Set(changed.map(({ segment }) => segment))]);
  await db.run(
    REPLACE,
    collection,
    changed.map(({ term }) => term),
    changed.map(({ segment }) => segment),
    changed.map(({ kept }) => Buffer.from(kept).toString('hex')),
  );
  return { removed, after: { term: last.term, segment: last.segment }, sizes: withSizes(sizes, cleared) };
}

/** Else those who have kept their lists would go on with them. */
async function markAnew(db: Db, segments: readonly number[]): Promise<void> {
  await db.run('UPDATE segments SET mark = gen_random_uuid() WHERE id = ANY($1::int[])', segments);
}

/** Another process may have cleared some between two steps: what is in lists of such a chunk may be newer by now. */
async function stillRemoved(db: Db, collection: number, chunks: readonly number[]): Promise<number[]> {
  const sql = `SELECT ${chunkSetSql('chunk')} AS chunks FROM removed_chunks WHERE collection = $1`;
  const still = toChunkSet((await db.get(sql, collection))?.['chunks']);
  return chunks.filter((chunk) => still.has(chunk));
}

interface ClearedList extends ListKey {
  readonly postings: Uint8Array;
  readonly kept: Uint8Array;
}

function withSizes(sizes: Clearing['sizes'], lists: readonly ClearedList[]): Clearing['sizes'] {
  const sums = new Map(sizes);
  for (const { segment, postings, kept } of lists) {
    const { before, now } = sums.get(segment) ?? { before: 0, now: 0 };
    sums.set(segment, { before: before + postings.length, now: now + kept.length });
  }
  return sums;
}

/** A segment has lost about as much of its chunks as of its postings; segments with none are forgotten. */
async function recountSegments(db: Db, collection: number, sizes: Clearing['sizes']): Promise<void> {
  const smaller = [...sizes].filter(([, { before, now }]) => now < before);
  await db.run(
    `UPDATE segments s SET chunks = ceil(s.chunks * c.share) FROM unnest($2::int[], $3::float8[]) AS c (id, share)
      WHERE s.collection = $1 AND s.id = c.id`,
    collection,
    smaller.map(([segment]) => segment),
    smaller.map(([, { before, now }]) => now / before),
  );
  await db.run(
    `DELETE FROM segments s WHERE s.collection = $1 AND NOT EXISTS (SELECT 1 FROM term_lists l WHERE l.segment = s.id)`,
    collection,
  );
}

const REPLACE = `WITH cleared AS (SELECT * FROM unnest($2::text[], $3::int[], $4::text[]) AS c (term, segment, kept)),
  emptied AS (DELETE FROM term_lists l USING cleared c
    WHERE l.collection = $1 AND l.term = c.term AND l.segment = c.segment AND c.kept = '')
  UPDATE term_lists l SET postings = decode(c.kept, 'hex') FROM cleared c
    WHERE l.collection = $1 AND l.term = c.term AND l.segment = c.segment AND c.kept <> ''`;

/** Of lists that are cleared in one transaction; the last one may go beyond the bytes. */
const CLEARED_LISTS = 1_000;
const CLEARED_BYTES = 4_000_000;

const BEHIND = `SELECT term, segment, postings FROM (
    SELECT term, segment, postings, sum(octet_length(postings)) OVER (ORDER BY term, segment) - octet_length(postings) AS before
    FROM (SELECT * FROM term_lists WHERE collection = $1 AND (term, segment) > ($2, $3)
      ORDER BY term, segment LIMIT ${CLEARED_LISTS}) next
  ) counted WHERE before < ${CLEARED_BYTES} ORDER BY term, segment`;

async function listsBehind(db: Db, collection: number, { term, segment }: ListKey) {
  const rows = await db.all(BEHIND, collection, term, segment);
  return rows.map((row) => ({
    term: String(row['term']),
    segment: Number(row['segment']),
    postings: row['postings'] as Uint8Array,
  }));
}
