import type { VocabularyTerm } from '@xnai/text/analyse';
import type { Db } from '../db.ts';
import type { Searched, Segment } from '../searched.ts';
import { chunkSetSql, toChunkSet } from './chunk-set.ts';
import { termKey } from './cut-terms.ts';
import type { CachedList, ListCache } from './list-cache.ts';
import { chunkAt, POSTING_BYTES, POSTING_SQL } from './postings.ts';
import type { PackedChunks, TermLists } from './score-lists.ts';
import type { Scoring } from './threads.ts';

export interface ReadLists {
  /** By the keys of terms; one that is in no chunk is left out. */
  readonly lists: ReadonlyMap<string, ReadTerm>;
  readonly removed: PackedChunks | undefined;
}

export interface ReadTerm extends TermLists {
  /** It is one of those that most chunks hold, and was not read. */
  readonly isLeftOut: boolean;
}

/**
 * Of each term, what those take together that fewer chunks hold is `before`. A value that is not wanted is not read. Of
 * what is known already, the bytes are given.
 */
const PACKED = `SELECT term, segment, CASE WHEN before < $3::bigint THEN postings END AS postings, own FROM (
    SELECT term, segment, postings, own, sum(bytes) OVER (ORDER BY own, term) - own AS before FROM (
      SELECT term, segment, postings, bytes, sum(bytes) OVER (PARTITION BY term) AS own FROM (
        SELECT l.term, l.segment, l.postings, octet_length(l.postings) AS bytes
          FROM unnest($4::text[], $5::int[]) AS w (term, segment)
          JOIN term_lists l ON l.collection = $1 AND l.term = w.term AND l.segment = w.segment
        UNION ALL SELECT term, NULL, NULL, bytes FROM unnest($6::text[], $7::bigint[]) AS known (term, bytes)
      ) lists) summed) counted WHERE segment IS NOT NULL`;
const RECENT = `SELECT t.term, NULL::int AS segment, string_agg(${POSTING_SQL}, ''::bytea) AS postings, 0 AS own
  FROM recent_terms r CROSS JOIN unnest($2::text[]) AS t (term) CROSS JOIN LATERAL (SELECT r.weights ->> t.term AS value) w
  WHERE r.collection = $1 AND w.value IS NOT NULL GROUP BY t.term`;
const REMOVED = `SELECT NULL, NULL, ${chunkSetSql('chunk')}, 0 FROM removed_chunks WHERE collection = $1`;

export interface Reading {
  readonly collection: Pick<Searched, 'id' | 'segments'>;
  readonly cache: ListCache;
  readonly keys: readonly string[];
  /** The terms that most chunks hold are left out where the lists are longer; the last that is read may go beyond. */
  readonly mostBytes: number;
}

export async function readLists(db: Db, reading: Reading): Promise<ReadLists> {
  const { collection, cache, keys, mostBytes } = reading;
  if (keys.length === 0) return { lists: new Map(), removed: undefined };
  const known = knownTerms(reading);
  const missing = [...known].flatMap(([term, one]) => one.missing.map((segment) => ({ term, segment })));
  const always = `${RECENT} UNION ALL ${REMOVED}`;
  const rows =
    missing.length === 0
      ? await db.all(always, collection.id, keys)
      : await db.all(
          `${always} UNION ALL ${PACKED}`,
          collection.id,
          keys,
          mostBytes,
          ...asking(known, missing),
        );
  const recent = new Map(
    rows
      .filter(({ segment }) => segment === null)
      .map(({ term, postings }) => [term, postings as Uint8Array]),
  );
  const read = rows.filter(({ segment }) => segment !== null);
  for (const { term, own } of read) (known.get(String(term)) as KnownTerm).bytes = Number(own);
  const left = leftOut(known, mostBytes);
  const there = new Map(read.map((row) => [`${row['segment']} ${row['term']}`, row['postings']]));
  for (const { term, segment } of missing) {
    const postings = there.get(`${segment.id} ${term}`);
    if (postings === null) left.add(term);
    else known.get(term)?.packed.push(cache.add(segment, term, postings as Uint8Array | undefined));
  }
  const lists = new Map(
    keys.map((term) => [term, toLists(known.get(term), recent.get(term), left.has(term))]),
  );
  for (const [term, { packed, recent: own, isLeftOut }] of lists)
    if (packed.length + own.length === 0 && !isLeftOut) lists.delete(term);
  return { lists, removed: recent.get(null) ?? undefined };
}

interface KnownTerm {
  readonly packed: CachedList[];
  /** Segments of which it is not known what they have of it. */
  readonly missing: readonly Segment[];
  /** Of all its lists. */
  bytes: number;
}

function knownTerms({ collection, cache, keys }: Reading): Map<string, KnownTerm> {
  return new Map(
    keys.map((term) => {
      const packed: CachedList[] = [];
      const missing: Segment[] = [];
      for (const segment of collection.segments) {
        const list = cache.get(segment, term);
        if (list === undefined) missing.push(segment);
        else packed.push(list);
      }
      return [term, { packed, missing, bytes: packed.reduce((sum, { length }) => sum + length, 0) }];
    }),
  );
}

/** The last values of `PACKED`. */
function asking(
  known: ReadonlyMap<string, KnownTerm>,
  missing: readonly { readonly term: string; readonly segment: Segment }[],
) {
  return [
    missing.map(({ term }) => term),
    missing.map(({ segment }) => segment.id),
    [...known.keys()],
    [...known.values()].map(({ bytes }) => bytes),
  ];
}

/** As `PACKED` does it, of terms whose lists are here. */
function leftOut(known: ReadonlyMap<string, KnownTerm>, mostBytes: number): Set<string> {
  const left = new Set<string>();
  const bySize = [...known].sort(([a, one], [b, other]) => one.bytes - other.bytes || (a < b ? -1 : 1));
  let before = 0;
  for (const [term, { bytes }] of bySize) {
    if (before >= mostBytes) left.add(term);
    before += bytes;
  }
  return left;
}

function toLists(known: KnownTerm | undefined, recent: Uint8Array | undefined, isLeftOut: boolean): ReadTerm {
  return {
    packed: isLeftOut ? [] : (known?.packed.filter(({ length }) => length > 0) ?? []),
    recent: recent === undefined ? [] : [recent],
    isLeftOut,
  };
}

/** The terms that a chunk holds which was not removed. Ends at the first one of each. */
export function heldTerms({ lists, removed }: ReadLists): ReadonlySet<string> {
  const gone = toChunkSet(removed);
  const isKept = (block: Uint8Array) => {
    for (let at = 0; at < block.length; at += POSTING_BYTES) if (!gone.has(chunkAt(block, at))) return true;
    return false;
  };
  const held = [...lists].filter(
    ([, { packed, recent, isLeftOut }]) => isLeftOut || recent.length > 0 || packed.some(isKept),
  );
  return new Set(held.map(([term]) => term));
}

const COUNT = `SELECT term, sum(n) AS n FROM (
    SELECT term, octet_length(postings) / ${POSTING_BYTES} AS n FROM term_lists WHERE collection = $1 AND term = ANY($2::text[])
    UNION ALL SELECT t.term, 1 FROM recent_terms r CROSS JOIN unnest($2::text[]) AS t (term)
      WHERE r.collection = $1 AND jsonb_exists(r.weights, t.term)
  ) counted GROUP BY term
  UNION ALL SELECT NULL, count(*) FROM removed_chunks WHERE collection = $1`;

/** Lists up to this length are read to be counted exactly where chunks were removed, of so many terms at a time. */
const FEW = 10_000;
const AT_A_TIME = 500;

export interface Counted {
  readonly collection: Pick<Searched, 'id' | 'chunks' | 'segments'>;
  readonly cache: ListCache;
  readonly scoring: Pick<Scoring, 'count'>;
}

/** In how many chunks each term is, by its key; those that are in none are left out. */
export async function countTerms(
  db: Db,
  { collection, cache, scoring }: Counted,
  terms: readonly string[],
): Promise<Map<string, number>> {
  if (terms.length === 0) return new Map();
  const { id, chunks } = collection;
  const rows = await db.all(COUNT, id, [...new Set(terms.map(termKey))]);
  const removed = Number(rows.find(({ term }) => term === null)?.['n']);
  const counts = new Map(
    rows.filter(({ term }) => term !== null).map((row) => [String(row['term']), Number(row['n'])]),
  );
  if (removed === 0) return counts;
  const few = [...counts].filter(([, n]) => n <= FEW).map(([term]) => term);
  // A long list has about as many removed chunks as the collection.
  for (const [term, n] of counts)
    if (n > FEW) counts.set(term, Math.round((n * chunks) / (chunks + removed)));
  for (let at = 0; at < few.length; at += AT_A_TIME) {
    const keys = few.slice(at, at + AT_A_TIME);
    const exact = await countExactly(db, { collection, cache, keys, mostBytes: ALL }, scoring);
    for (const key of keys) {
      const n = exact.get(key) ?? 0;
      if (n === 0) counts.delete(key);
      else counts.set(key, n);
    }
  }
  return counts;
}

/** Those of these terms that a chunk holds which was not removed. Reads lists only where as many chunks were removed as are in them. */
export async function heldKeys(
  db: Db,
  counted: Counted,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await db.all(COUNT, counted.collection.id, keys);
  const removed = Number(rows.find(({ term }) => term === null)?.['n'] ?? 0);
  const counts = rows
    .filter(({ term }) => term !== null)
    .map((row) => ({ term: String(row['term']), n: Number(row['n']) }));
  const held = counts.filter(({ n }) => n > removed).map(({ term }) => term);
  const unsure = counts.filter(({ n }) => n <= removed).map(({ term }) => term);
  return new Set([...held, ...(await countTerms(db, counted, unsure)).keys()]);
}

const ALL = Number.MAX_SAFE_INTEGER;

async function countExactly(db: Db, reading: Reading, scoring: Counted['scoring']) {
  const { lists, removed } = await readLists(db, reading);
  const counts = await scoring.count({ lists: [...lists.values()], removed });
  return new Map([...lists.keys()].map((term, n) => [term, counts[n] ?? 0]));
}

const VOCABULARY = `SELECT DISTINCT term FROM (
    SELECT term FROM term_lists WHERE collection = $1 AND term >= $2 AND term < $3
    UNION ALL SELECT w.key COLLATE "C" FROM recent_terms r CROSS JOIN jsonb_object_keys(r.weights) AS w (key)
      WHERE r.collection = $1 AND w.key COLLATE "C" >= $2 AND w.key COLLATE "C" < $3
  ) found ORDER BY term`;

/** The terms of a collection with this beginning. */
export async function readVocabulary(
  db: Db,
  counted: Counted,
  from: string,
): Promise<readonly VocabularyTerm[]> {
  const rows = await db.all(VOCABULARY, counted.collection.id, from, `${from}\u{10FFFF}`);
  const terms = rows.map(({ term }) => String(term));
  const counts = await countTerms(db, counted, terms);
  return terms.flatMap((term) => {
    const frequency = counts.get(term);
    return frequency === undefined ? [] : { term, frequency };
  });
}
