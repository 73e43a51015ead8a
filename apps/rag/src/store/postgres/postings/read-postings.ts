import type { VocabularyTerm } from '@xnai/text/analyse';
import type { Db } from '../db.ts';
import { chunkSetSql, toChunkSet } from './chunk-set.ts';
import { termKey } from './cut-terms.ts';
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

/** Of each term, what those take together that fewer chunks hold is `before`. A value that is not wanted is not read. */
const PACKED = `SELECT term, CASE WHEN before < $3::bigint THEN postings END AS postings, false AS is_recent FROM (
    SELECT term, postings, sum(octet_length(postings)) OVER (ORDER BY own, term) - own AS before FROM (
      SELECT term, postings, sum(octet_length(postings)) OVER (PARTITION BY term) AS own
        FROM term_lists WHERE collection = $1 AND term = ANY($2::text[])) lists) counted`;
const RECENT = `SELECT t.term, string_agg(${POSTING_SQL}, ''::bytea), true FROM recent_terms r
  CROSS JOIN unnest($2::text[]) AS t (term) CROSS JOIN LATERAL (SELECT r.weights ->> t.term AS value) w
  WHERE r.collection = $1 AND w.value IS NOT NULL GROUP BY t.term`;
const REMOVED = `SELECT NULL AS term, ${chunkSetSql('chunk')} AS postings, false FROM removed_chunks WHERE collection = $1`;

export interface Reading {
  readonly collection: number;
  readonly keys: readonly string[];
  /** The terms that most chunks hold are left out where the lists are longer; the last that is read may go beyond. */
  readonly mostBytes: number;
}

export async function readLists(db: Db, { collection, keys, mostBytes }: Reading): Promise<ReadLists> {
  if (keys.length === 0) return { lists: new Map(), removed: undefined };
  const rows = await db.all(
    `${PACKED} UNION ALL ${RECENT} UNION ALL ${REMOVED}`,
    collection,
    keys,
    mostBytes,
  );
  const found = new Map<string, { packed: Uint8Array[]; recent: Uint8Array[]; isLeftOut: boolean }>();
  for (const { term, postings, is_recent: isRecent } of rows) {
    if (term === null) continue;
    const lists = found.get(String(term)) ?? { packed: [], recent: [], isLeftOut: false };
    found.set(String(term), lists);
    if (postings === null) lists.isLeftOut = true;
    else lists[isRecent ? 'recent' : 'packed'].push(postings as Uint8Array);
  }
  const removed = rows.find(({ term }) => term === null)?.['postings'];
  return { lists: found, removed: removed instanceof Uint8Array ? removed : undefined };
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
  readonly collection: { readonly id: number; readonly chunks: number };
  readonly scoring: Pick<Scoring, 'count'>;
}

/** In how many chunks each term is, by its key; those that are in none are left out. */
export async function countTerms(
  db: Db,
  { collection: { id, chunks }, scoring }: Counted,
  terms: readonly string[],
): Promise<Map<string, number>> {
  if (terms.length === 0) return new Map();
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
    const exact = await countExactly(db, { collection: id, keys, mostBytes: ALL }, scoring);
    for (const key of keys) {
      const n = exact.get(key) ?? 0;
      if (n === 0) counts.delete(key);
      else counts.set(key, n);
    }
  }
  return counts;
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
