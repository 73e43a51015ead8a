import type { Filter } from '@xnai/contracts';
import { queryTerms } from '@xnai/text/analyse';
import { filteredDocuments, type Sql } from '../filter-sql.ts';
import { fuse } from '../fuse.ts';
import { type Match, RANKED_BY_PAGE, rankByPage } from '../page-evidence.ts';
import { searchTerms } from '../search-terms.ts';
import type { NearTerm, StoredChunk, StoreHits, StoreQuery } from '../store.ts';
import { SELECT_CHUNK, toStoredChunk } from '../stored-chunk.ts';
import { type Scored, toHits } from '../to-hits.ts';
import type { Database } from './database.ts';
import { FILTER_DIALECT } from './filter-dialect.ts';
import { type FoundCollection, findCollection } from './find-collection.ts';
import { languagesOf } from './languages.ts';
import { isHeld, matchAny } from './match-terms.ts';
import { findNear } from './near-terms.ts';
import { findNearest } from './nearest.ts';
import { scoreSql } from './term-tables.ts';

/** Both legs, each best first. */
export function search(db: Database, query: StoreQuery): StoreHits {
  const collection = findCollection(db, query.collection);
  const limit = Math.max(query.k, query.joinAmong ?? 0);
  const startedMs = performance.now();
  const { matches, near } = findMatches(db, collection, query, limit);
  const matchedMs = performance.now();
  const nearest = findNearestAllowed(db, collection, query, limit);
  const tookMs = { lexical: matchedMs - startedMs, dense: performance.now() - matchedMs };
  if (query.share !== undefined && nearest !== undefined) {
    const best = fuse<Scored>(matches, nearest, query.share, ({ id }) => id).slice(0, limit);
    const fused = toHits(best, readChunks(db, best), query);
    return { lexical: [], dense: [], fused, near, tookMs };
  }
  const chunks = readChunks(db, [...matches, ...(nearest ?? [])]);
  const hits = (found: readonly Scored[]) => toHits(found, chunks, query);
  return { lexical: hits(matches), dense: nearest && hits(nearest), near, tookMs };
}

function findMatches(
  db: Database,
  collection: FoundCollection,
  { text, filter }: StoreQuery,
  limit: number,
): { readonly matches: readonly Match[]; readonly near: readonly NearTerm[] } {
  const { query, near } = text === undefined ? NOTHING : matchQuestion(db, collection, text);
  if (query === undefined) return { matches: [], near };
  const found = match(db, { collection, query, filter, limit: Math.max(limit, RANKED_BY_PAGE) });
  return { matches: rankByPage(found).slice(0, limit), near };
}

function findNearestAllowed(
  db: Database,
  { id: collection }: FoundCollection,
  { vector, filter }: StoreQuery,
  limit: number,
): readonly Scored[] | undefined {
  if (vector === undefined) return undefined;
  const allowed = allowedChunks(db, filteredDocuments(FILTER_DIALECT, collection, filter));
  return findNearest(db, { collection, vector, limit, allowed });
}

/** Chunks that both legs found are read once, and given once. */
function readChunks(db: Database, found: readonly Scored[]): ReadonlyMap<number, StoredChunk> {
  const sql = `${SELECT_CHUNK} JOIN chunks c ON c.document = d.id WHERE c.id IN (SELECT value FROM json_each(?))`;
  const rows = db.all(sql, JSON.stringify(found.map(({ id }) => id)));
  return new Map(rows.map((row) => [Number(row['id']), toStoredChunk(row)]));
}

interface Asked {
  /** An FTS5 expression. */
  readonly query: string | undefined;
  readonly near: readonly NearTerm[];
}

const NOTHING: Asked = { query: undefined, near: [] };

function matchQuestion(db: Database, collection: FoundCollection, text: string): Asked {
  const languages = languagesOf(db, collection.id);
  const terms = queryTerms(text, languages);
  if (collection.termsVersion > 1) {
    const near = findNear(db, collection, { text, terms, languages });
    const others = near.flatMap((found) => found.near);
    const asked = searchTerms(terms, (term) => isHeld(db, collection, term));
    return { query: matchAny(collection, [...asked, ...others]), near };
  }
  const words = terms.filter(({ isPart }) => !isPart).map(({ start, end }) => text.slice(start, end));
  return { query: matchAny(collection, words), near: [] };
}

interface MatchOptions {
  readonly collection: FoundCollection;
  readonly query: string;
  readonly filter: Filter | undefined;
  readonly limit: number;
}

/** `+rowid` keeps SQLite from running the match once for each row of the filter. */
function match(db: Database, { collection, query, filter, limit }: MatchOptions): Match[] {
  const { id, table, termsVersion } = collection;
  const filtered = ofDocuments(filteredDocuments(FILTER_DIALECT, id, filter));
  const sql = `WITH top AS (
      SELECT rowid AS id, ${scoreSql(id, termsVersion)} AS score FROM ${table} WHERE ${table} MATCH ? ${filtered.sql}
      ORDER BY score, rowid LIMIT ?
    )
    SELECT top.id, c.document, top.score FROM top JOIN chunks c ON c.id = top.id ORDER BY top.score, top.id`;
  return db.all(sql, query, ...filtered.values, limit).map((row) => ({
    id: Number(row['id']),
    document: Number(row['document']),
    score: -Number(row['score']),
  }));
}

function ofDocuments(documents: Sql | undefined): Sql {
  if (documents === undefined) return { sql: '', values: [] };
  const { sql, values } = documents;
  return { sql: `AND +rowid IN (SELECT id FROM chunks WHERE document IN (${sql}))`, values };
}

/** Undefined: all. */
function allowedChunks(db: Database, documents: Sql | undefined): ReadonlySet<number> | undefined {
  if (documents === undefined) return undefined;
  const { sql, values } = documents;
  const row = db.get(`SELECT json_group_array(id) AS ids FROM chunks WHERE document IN (${sql})`, ...values);
  return new Set(JSON.parse(String(row?.['ids'])) as number[]);
}
