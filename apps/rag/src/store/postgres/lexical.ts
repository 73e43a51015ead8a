import { nearTerms, queryTerms, type VocabularyTerm } from '@xnai/text/analyse';
import type { Sql } from '../filter-sql.ts';
import { type Match, RANKED_BY_PAGE, rankByPage } from '../page-evidence.ts';
import {
  MAX_REPEATS,
  MAX_TERMS,
  SHARED_LETTERS,
  searchTerms,
  unknownTerms,
  WHOLE_VOCABULARY_CHUNKS,
} from '../search-terms.ts';
import type { NearTerm } from '../store.ts';
import type { FoundCollection } from './collections.ts';
import { termKey } from './cut-terms.ts';
import { type Db, numbered } from './db.ts';
import { languagesOf } from './languages.ts';

export interface LexicalOptions {
  readonly collection: FoundCollection;
  readonly text: string;
  /** Selects the documents whose chunks are wanted; undefined: all. */
  readonly documents: Sql | undefined;
  readonly limit: number;
}

export interface Matched {
  readonly matches: readonly Match[];
  readonly near: readonly NearTerm[];
}

/** The chunks that hold terms of the question, best first. */
export async function findMatches(db: Db, options: LexicalOptions): Promise<Matched> {
  const { collection, text, documents, limit } = options;
  const languages = await languagesOf(db, collection.id);
  const terms = queryTerms(text, languages);
  const frequencies = await countTerms(
    db,
    collection.id,
    terms.slice(0, MOST_COUNTED).map(({ term }) => term),
  );
  const isHeld = (term: string) => (frequencies.get(termKey(term)) ?? 0) > 0;
  const near: NearTerm[] = [];
  for (const { term, start, end } of unknownTerms({ text, terms, languages }, isHeld)) {
    const found = await nearOf(db, collection, { term, word: text.slice(start, end) });
    if (found.length > 0) near.push({ term, near: found });
  }
  const others = near.flatMap((one) => one.near);
  for (const [term, n] of await countTerms(db, collection.id, others)) frequencies.set(term, n);
  const asked = askedTerms([...searchTerms(terms, isHeld), ...others]);
  const weighed = weigh(asked, frequencies, collection.chunks);
  if (weighed.length === 0) return { matches: [], near };
  const most = Math.max(limit, RANKED_BY_PAGE);
  const found = await score(db, { collection, terms: weighed, documents, most });
  return { matches: rankByPage(found).slice(0, limit), near };
}

/** A question that is a document has no more of its terms looked at. */
const MOST_COUNTED = 4 * MAX_TERMS;

/** In how many chunks each term is; those that are in none are left out. */
export async function countTerms(
  db: Db,
  collection: number,
  terms: readonly string[],
): Promise<Map<string, number>> {
  if (terms.length === 0) return new Map();
  const keys = [...new Set(terms.map(termKey))];
  const sql =
    'SELECT term, count(*) AS n FROM postings WHERE collection = $1 AND term = ANY($2::text[]) GROUP BY term';
  const rows = await db.all(sql, collection, keys);
  return new Map(rows.map((row) => [String(row['term']), Number(row['n'])]));
}

/** How often each term is asked for. */
function askedTerms(terms: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  let taken = 0;
  for (const term of terms.map(termKey)) {
    const count = counts.get(term) ?? 0;
    if (count === MAX_REPEATS || taken === MAX_TERMS) continue;
    counts.set(term, count + 1);
    taken += 1;
  }
  return counts;
}

interface Weighed {
  readonly term: string;
  /** What a chunk gets for the term at most, but for `K1 + 1`. */
  readonly weight: number;
}

/** BM25 as FTS5 has it, with the least weight that it gives a term that most chunks hold. */
const K1 = 1.2;
const B = 0.75;
const LEAST_WEIGHT = 1e-6;

function weigh(
  asked: ReadonlyMap<string, number>,
  frequencies: ReadonlyMap<string, number>,
  chunks: number,
): readonly Weighed[] {
  return [...asked].flatMap(([term, times]) => {
    const held = frequencies.get(term);
    if (held === undefined) return [];
    const rarity = Math.log((chunks - held + 0.5) / (held + 0.5));
    return { term, weight: times * (rarity > 0 ? rarity : LEAST_WEIGHT) };
  });
}

interface ScoreOptions {
  readonly collection: FoundCollection;
  readonly terms: readonly Weighed[];
  readonly documents: Sql | undefined;
  readonly most: number;
}

async function score(db: Db, { collection, terms, documents, most }: ScoreOptions): Promise<Match[]> {
  const filter =
    documents === undefined
      ? ''
      : `AND p.chunk IN (SELECT id FROM chunks WHERE document IN (${documents.sql}))`;
  const rows = await db.all(
    `SELECT top.id, c.document, top.score FROM (
      SELECT p.chunk AS id, sum(a.weight * p.weight * ${K1 + 1} / (p.weight + ${K1 * (1 - B)} + $4::float8 * p.length)) AS score
      FROM unnest($2::text[], $3::float8[]) AS a (term, weight) JOIN postings p ON p.collection = $1 AND p.term = a.term
      ${numbered(filter, 5)} GROUP BY p.chunk ORDER BY score DESC, p.chunk LIMIT $5::int::int
    ) top JOIN chunks c ON c.id = top.id ORDER BY top.score DESC, top.id`,
    collection.id,
    terms.map(({ term }) => term),
    terms.map(({ weight }) => weight),
    (K1 * B * collection.chunks) / Math.max(1, collection.terms),
    most,
    ...(documents?.values ?? []),
  );
  return rows.map((row) => ({
    id: Number(row['id']),
    document: Number(row['document']),
    score: Number(row['score']),
  }));
}

async function nearOf(
  db: Db,
  { id, chunks }: FoundCollection,
  { term, word }: { readonly term: string; readonly word: string },
): Promise<readonly string[]> {
  const near = nearTerms(word, await vocabulary(db, id, term.slice(0, SHARED_LETTERS)));
  if (near.length > 0 || chunks > WHOLE_VOCABULARY_CHUNKS) return near;
  return nearTerms(word, await vocabulary(db, id, ''));
}

/** The terms of a collection with this beginning. */
async function vocabulary(db: Db, collection: number, from: string): Promise<readonly VocabularyTerm[]> {
  const sql = `SELECT term, count(*) AS n FROM postings WHERE collection = $1 AND term >= $2 AND term < $3
    GROUP BY term ORDER BY term`;
  const rows = await db.all(sql, collection, from, `${from}\u{10FFFF}`);
  return rows.map((row) => ({ term: String(row['term']), frequency: Number(row['n']) }));
}
