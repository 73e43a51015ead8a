import type { VocabularyTerm } from '@xnai/text/analyse';
import type { ChunkSet } from './chunk-set.ts';
import { chunkSetSql, toChunkSet } from './chunk-set.ts';
import { termKey } from './cut-terms.ts';
import type { Db } from './db.ts';
import { countPostings, filterPostings, POSTING_BYTES, POSTING_SQL } from './postings.ts';

/** Of a term: blocks of postings, none of which is of a chunk that was removed. */
export type TermPostings = ReadonlyMap<string, readonly Uint8Array[]>;

const PACKED =
  'SELECT term, postings, false AS is_recent FROM term_lists WHERE collection = $1 AND term = ANY($2::text[])';
const RECENT = `SELECT t.term, ${POSTING_SQL} AS postings, true FROM recent_terms r CROSS JOIN unnest($2::text[]) AS t (term)
  CROSS JOIN LATERAL (SELECT r.weights ->> t.term AS value) w WHERE r.collection = $1 AND w.value IS NOT NULL`;
const REMOVED = `SELECT NULL AS term, ${chunkSetSql('chunk')} AS postings, false FROM removed_chunks WHERE collection = $1`;

/** Of the keys of terms; one that is in no chunk is left out. */
export async function readPostings(
  db: Db,
  collection: number,
  keys: readonly string[],
): Promise<TermPostings> {
  if (keys.length === 0) return new Map();
  const rows = await db.all(`${PACKED} UNION ALL ${RECENT} UNION ALL ${REMOVED}`, collection, keys);
  const removed = toChunkSet(rows.find(({ term }) => term === null)?.['postings']);
  const found = new Map<string, Uint8Array[]>();
  for (const { term, postings, is_recent: isRecent } of rows) {
    if (term === null) continue;
    // What is recent of a removed chunk is newer than that.
    const block = isRecent ? (postings as Uint8Array) : withoutRemoved(postings as Uint8Array, removed);
    if (block.length === 0) continue;
    const blocks = found.get(String(term));
    if (blocks === undefined) found.set(String(term), [block]);
    else blocks.push(block);
  }
  return found;
}

function withoutRemoved(block: Uint8Array, removed: ChunkSet): Uint8Array {
  return removed.size === 0 ? block : filterPostings(block, (chunk) => !removed.has(chunk));
}

const COUNT = `SELECT term, sum(n) AS n FROM (
    SELECT term, octet_length(postings) / ${POSTING_BYTES} AS n FROM term_lists WHERE collection = $1 AND term = ANY($2::text[])
    UNION ALL SELECT t.term, 1 FROM recent_terms r CROSS JOIN unnest($2::text[]) AS t (term)
      WHERE r.collection = $1 AND jsonb_exists(r.weights, t.term)
  ) counted GROUP BY term
  UNION ALL SELECT NULL, count(*) FROM removed_chunks WHERE collection = $1`;

/** Lists up to this length are read to be counted exactly where chunks were removed. */
const FEW = 10_000;

/** In how many chunks each term is, by its key; those that are in none are left out. */
export async function countTerms(
  db: Db,
  { id, chunks }: { readonly id: number; readonly chunks: number },
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
  const read = await readPostings(db, id, few);
  for (const term of few) {
    const n = countPostings(read.get(term) ?? []);
    if (n === 0) counts.delete(term);
    else counts.set(term, n);
  }
  // A long list has about as many removed chunks as the collection.
  for (const [term, n] of counts) {
    if (n > FEW && !read.has(term)) counts.set(term, Math.round((n * chunks) / (chunks + removed)));
  }
  return counts;
}

const VOCABULARY = `SELECT DISTINCT term FROM (
    SELECT term FROM term_lists WHERE collection = $1 AND term >= $2 AND term < $3
    UNION ALL SELECT w.key COLLATE "C" FROM recent_terms r CROSS JOIN jsonb_object_keys(r.weights) AS w (key)
      WHERE r.collection = $1 AND w.key COLLATE "C" >= $2 AND w.key COLLATE "C" < $3
  ) found ORDER BY term`;

/** The terms of a collection with this beginning. */
export async function readVocabulary(
  db: Db,
  collection: { readonly id: number; readonly chunks: number },
  from: string,
): Promise<readonly VocabularyTerm[]> {
  const rows = await db.all(VOCABULARY, collection.id, from, `${from}\u{10FFFF}`);
  const terms = rows.map(({ term }) => String(term));
  const counts = await countTerms(db, collection, terms);
  return terms.flatMap((term) => {
    const frequency = counts.get(term);
    return frequency === undefined ? [] : { term, frequency };
  });
}
