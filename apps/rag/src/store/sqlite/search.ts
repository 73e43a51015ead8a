import type { Filter } from '@xnai/contracts';
import { queryTerms } from '@xnai/text/analyse';
import { joinCopies } from '../join-copies.ts';
import type { NearTerm, StoreHits, StoreQuery } from '../store.ts';
import type { Database } from './database.ts';
import { filteredDocuments, type Sql } from './filter-sql.ts';
import { type FoundCollection, findCollection } from './find-collection.ts';
import { languagesOf } from './languages.ts';
import { matchAny, searchTerms } from './match-terms.ts';
import { findNear } from './near-terms.ts';
import { type Match, RANKED_BY_PAGE, rankByPage } from './page-evidence.ts';
import { SELECT_CHUNK, toStoredChunk } from './stored-chunk.ts';
import { scoreSql } from './term-tables.ts';

type LexicalHits = Pick<StoreHits, 'lexical' | 'near'>;

/** The chunks that match best, best first. */
export function search(
  db: Database,
  { collection: name, text, filter, k, joinAmong }: StoreQuery,
): LexicalHits {
  const collection = findCollection(db, name);
  const { query, near } = text === undefined ? NOTHING : matchQuestion(db, collection, text);
  if (query === undefined) return { lexical: [], near };
  const wanted = Math.max(k, joinAmong ?? 0);
  const limit = Math.max(wanted, RANKED_BY_PAGE);
  const best = rankByPage(match(db, { collection, query, filter, limit })).slice(0, wanted);
  const scores = new Map(best.map(({ id, score }) => [id, score]));
  const sql = `${SELECT_CHUNK} JOIN chunks c ON c.document = d.id WHERE c.id IN (SELECT value FROM json_each(?))`;
  const lexical = db
    .all(sql, JSON.stringify([...scores.keys()]))
    .map((row) => ({ row, score: scores.get(Number(row['id'])) ?? 0 }))
    .sort((a, b) => b.score - a.score || Number(a.row['id']) - Number(b.row['id']))
    .map(({ row, score }) => ({ chunk: toStoredChunk(row), score }));
  return { lexical: (joinAmong === undefined ? lexical : joinCopies(lexical)).slice(0, k), near };
}

interface Asked {
  /** An FTS5 expression. */
  readonly query: string | undefined;
  readonly near: readonly NearTerm[];
}

const NOTHING: Asked = { query: undefined, near: [] };

function matchQuestion(db: Database, collection: FoundCollection, text: string): Asked {
  const terms = queryTerms(text, languagesOf(db, collection.id));
  if (collection.termsVersion > 1) {
    const near = findNear(db, collection, { text, terms });
    const others = near.flatMap((found) => found.near);
    return { query: matchAny(collection, [...searchTerms(db, collection, terms), ...others]), near };
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
  const filtered = ofDocuments(filteredDocuments(id, filter));
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
