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
import { type Db, numbered } from './db.ts';
import { chunkSetSql, toNumbers } from './postings/chunk-set.ts';
import { termKey } from './postings/cut-terms.ts';
import type { ListCache } from './postings/list-cache.ts';
import {
  type Counted,
  heldKeys,
  heldTerms,
  type ReadLists,
  readLists,
  readVocabulary,
} from './postings/read-postings.ts';
import type { ScoredChunk } from './postings/score.ts';
import type { Scoring } from './postings/threads.ts';
import type { Searched } from './searched.ts';
import { matchWords } from './textsearch/match-words.ts';

export interface LexicalOptions {
  readonly collection: Searched;
  readonly cache: ListCache;
  readonly text: string;
  /** Selects the documents whose chunks are wanted; undefined: all. */
  readonly documents: Sql | undefined;
  readonly limit: number;
  readonly scoring: Scoring;
}

export interface Matched {
  readonly matches: readonly Match[];
  readonly near: readonly NearTerm[];
}

/** The chunks that hold terms of the question, best first. */
export async function findMatches(db: Db, options: LexicalOptions): Promise<Matched> {
  const { collection, cache, text, documents, limit, scoring } = options;
  const { languages } = collection;
  const terms = queryTerms(text, languages);
  const keys = [...new Set(terms.slice(0, MOST_COUNTED).map(({ term }) => termKey(term)))];
  // What is asked for is not known before it is known what is held; of few terms all are read at once.
  const areRead = keys.length <= MOST_READ && !collection.isFoundByWords;
  const read = await readLists(db, {
    collection,
    cache,
    keys: areRead ? keys : [],
    mostBytes: MOST_BYTES,
  });
  const held = areRead ? heldTerms(read) : await heldKeys(db, options, keys);
  const isHeld = (term: string) => held.has(termKey(term));
  const near: NearTerm[] = [];
  for (const { term, start, end } of unknownTerms({ text, terms, languages }, isHeld)) {
    const found = await nearOf(db, options, { term, word: text.slice(start, end) });
    if (found.length > 0) near.push({ term, near: found });
  }
  const others = near.flatMap((one) => one.near);
  const asked = askedTerms([...searchTerms(terms, isHeld), ...others]);
  if (asked.size === 0) return { matches: [], near };
  const most = Math.max(limit, RANKED_BY_PAGE);
  const byWords = collection.isFoundByWords
    ? await matchWords(db, { collection: collection.id, asked, documents, most })
    : undefined;
  const found = byWords ?? (await score(db, { collection, cache, asked, read, documents, most, scoring }));
  return { matches: rankByPage(found).slice(0, limit), near };
}

/** A question that is a document has no more of its terms looked at. */
const MOST_COUNTED = 4 * MAX_TERMS;
const MOST_READ = 64;
/** Eight million postings, which a thread scores in about half a second. */
const MOST_BYTES = 64_000_000;

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

interface ScoreOptions {
  readonly collection: Searched;
  readonly cache: ListCache;
  /** By term: how often it is asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** Of some of them. */
  readonly read: ReadLists;
  readonly documents: Sql | undefined;
  readonly most: number;
  readonly scoring: Scoring;
}

/** Here and not on the server, which takes some ten times as long for it. */
async function score(db: Db, options: ScoreOptions): Promise<Match[]> {
  const { collection, cache, asked, read, documents, most, scoring } = options;
  const keys = [...asked.keys()].filter((term) => !read.lists.has(term));
  const others = await readLists(db, { collection, cache, keys, mostBytes: MOST_BYTES });
  const found = await scoring.score({
    asked: [...asked].flatMap(([term, times]) => {
      const lists = read.lists.get(term) ?? others.lists.get(term);
      return lists === undefined ? [] : { times, packed: lists.packed, recent: lists.recent };
    }),
    removed: read.removed ?? others.removed,
    wanted: await wantedChunks(db, documents),
    chunks: collection.chunks,
    terms: collection.terms,
    most,
  });
  return withDocuments(db, found);
}

async function wantedChunks(db: Db, documents: Sql | undefined): Promise<Uint8Array | undefined> {
  if (documents === undefined) return undefined;
  const sql = `SELECT ${chunkSetSql('id')} AS chunks FROM chunks WHERE document IN (${documents.sql})`;
  const row = await db.get(numbered(sql, 0), ...documents.values);
  return row?.['chunks'] instanceof Uint8Array ? row['chunks'] : new Uint8Array();
}

const DOCUMENTS = `SELECT string_agg(int8send(coalesce(c.document, 0)), ''::bytea ORDER BY w.n) AS documents
  FROM unnest($1::bigint[]) WITH ORDINALITY AS w (id, n) LEFT JOIN chunks c ON c.id = w.id`;

async function withDocuments(db: Db, found: readonly ScoredChunk[]): Promise<Match[]> {
  const ids = found.map(({ id }) => id);
  const documents = toNumbers((await db.get(DOCUMENTS, ids))?.['documents']);
  return found.flatMap(({ id, score }, n) => {
    const document = documents[n] ?? 0;
    return document === 0 ? [] : { id, document, score };
  });
}

async function nearOf(
  db: Db,
  counted: Counted,
  { term, word }: { readonly term: string; readonly word: string },
): Promise<readonly string[]> {
  const near = nearTerms(word, await readVocabulary(db, counted, term.slice(0, SHARED_LETTERS)));
  if (near.length > 0 || counted.collection.chunks > WHOLE_VOCABULARY_CHUNKS) return near;
  return nearTerms(word, await readVocabulary(db, counted, ''));
}
