import { nearTerms, queryTerms } from '@xnai/text/analyse';
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
import { chunkSetSql, toChunkSet } from './chunk-set.ts';
import type { FoundCollection } from './collections.ts';
import { termKey } from './cut-terms.ts';
import { type Db, numbered } from './db.ts';
import { languagesOf } from './languages.ts';
import { countPostings } from './postings.ts';
import { countTerms, readPostings, readVocabulary, type TermPostings } from './read-postings.ts';
import { type ScoredChunk, type ScoredTerm, scoreChunks } from './score.ts';

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
  const keys = [...new Set(terms.slice(0, MOST_COUNTED).map(({ term }) => termKey(term)))];
  // What is asked for is not known before it is known what is held; of few terms all are read at once.
  const read = keys.length <= MOST_READ ? await readPostings(db, collection.id, keys) : NO_POSTINGS;
  const counts = keys.length <= MOST_READ ? countsOf(read) : await countTerms(db, collection, keys);
  const isHeld = (term: string) => (counts.get(termKey(term)) ?? 0) > 0;
  const near: NearTerm[] = [];
  for (const { term, start, end } of unknownTerms({ text, terms, languages }, isHeld)) {
    const found = await nearOf(db, collection, { term, word: text.slice(start, end) });
    if (found.length > 0) near.push({ term, near: found });
  }
  const others = near.flatMap((one) => one.near);
  const asked = askedTerms([...searchTerms(terms, isHeld), ...others]);
  if (asked.size === 0) return { matches: [], near };
  const most = Math.max(limit, RANKED_BY_PAGE);
  const found = await score(db, { collection, asked, read, documents, most });
  return { matches: rankByPage(found).slice(0, limit), near };
}

/** A question that is a document has no more of its terms looked at. */
const MOST_COUNTED = 4 * MAX_TERMS;
const MOST_READ = 64;
const NO_POSTINGS: TermPostings = new Map();

function countsOf(postings: TermPostings): ReadonlyMap<string, number> {
  return new Map([...postings].map(([term, blocks]) => [term, countPostings(blocks)]));
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

/** BM25 as FTS5 has it, with the least weight that it gives a term that most chunks hold. */
const K1 = 1.2;
const B = 0.75;
const LEAST_WEIGHT = 1e-6;

function weightOf(times: number, held: number, chunks: number): number {
  const rarity = Math.log((chunks - held + 0.5) / (held + 0.5));
  return times * (K1 + 1) * (rarity > 0 ? rarity : LEAST_WEIGHT);
}

interface ScoreOptions {
  readonly collection: FoundCollection;
  /** By term: how often it is asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** Of some of them. */
  readonly read: TermPostings;
  readonly documents: Sql | undefined;
  readonly most: number;
}

/** Here and not on the server, which takes some ten times as long for it. */
async function score(db: Db, { collection, asked, read, documents, most }: ScoreOptions): Promise<Match[]> {
  const { id, chunks } = collection;
  const others = [...asked.keys()].filter((term) => !read.has(term));
  const postings = new Map([...read, ...(await readPostings(db, id, others))]);
  const terms = [...asked].map(([term, times]): ScoredTerm => {
    const blocks = postings.get(term) ?? [];
    return { weight: weightOf(times, countPostings(blocks), chunks), blocks };
  });
  const found = scoreChunks(terms, {
    constant: K1 * (1 - B),
    perTerm: (K1 * B * chunks) / Math.max(1, collection.terms),
    isWanted: await wantedChunks(db, documents),
    most,
  });
  return withDocuments(db, found);
}

async function wantedChunks(db: Db, documents: Sql | undefined) {
  if (documents === undefined) return undefined;
  const sql = `SELECT ${chunkSetSql('id')} AS chunks FROM chunks WHERE document IN (${documents.sql})`;
  const wanted = toChunkSet((await db.get(numbered(sql, 0), ...documents.values))?.['chunks']);
  return (chunk: number) => wanted.has(chunk);
}

async function withDocuments(db: Db, found: readonly ScoredChunk[]): Promise<Match[]> {
  const sql = 'SELECT id, document FROM chunks WHERE id = ANY($1::bigint[])';
  const rows = await db.all(
    sql,
    found.map(({ id }) => id),
  );
  const documents = new Map(rows.map((row) => [Number(row['id']), Number(row['document'])]));
  return found.flatMap(({ id, score }) => {
    const document = documents.get(id);
    return document === undefined ? [] : { id, document, score };
  });
}

async function nearOf(
  db: Db,
  collection: FoundCollection,
  { term, word }: { readonly term: string; readonly word: string },
): Promise<readonly string[]> {
  const near = nearTerms(word, await readVocabulary(db, collection, term.slice(0, SHARED_LETTERS)));
  if (near.length > 0 || collection.chunks > WHOLE_VOCABULARY_CHUNKS) return near;
  return nearTerms(word, await readVocabulary(db, collection, ''));
}
