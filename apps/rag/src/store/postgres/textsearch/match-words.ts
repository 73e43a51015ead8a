import type { Sql } from '../../filter-sql.ts';
import type { Match } from '../../page-evidence.ts';
import type { Row } from '../../stored-chunk.ts';
import { bothOf, type Db, numbered } from '../db.ts';
import { indexOf, tableOf } from './tables.ts';
import { questionOf } from './words.ts';

export interface WordsQuery {
  readonly collection: number;
  /** By term: how often it is asked for. */
  readonly asked: ReadonlyMap<string, number>;
  /** Selects the documents whose chunks are wanted; undefined: all. */
  readonly documents: Sql | undefined;
  readonly most: number;
}

/** How many of the best are looked at for each that a filter may leave. */
const CANDIDATES = 4;
/** Doubled weights with a doubled k1 give a score of (2.4 + 1) parts where postings give (1.2 + 1). */
const SCALE = 2.2 / 3.4;

/**
 * The chunks that pg_textsearch finds by their words, best first. Undefined where a filter leaves fewer of those looked at
 * than are wanted: the index knows nothing of filters, and would look at all that match.
 */
export async function matchWords(db: Db, query: WordsQuery): Promise<readonly Match[] | undefined> {
  const { asked, documents, most } = query;
  const question = questionOf(asked);
  if (documents === undefined) return toMatches(await byIndex(db, bestSql(query, most), question));
  const candidates = most * CANDIDATES;
  const sql = `SELECT id, document, score, seen FROM (SELECT *, count(*) OVER () AS seen FROM (${bestSql(query, candidates)}) best)
    counted WHERE document IN (${numbered(documents.sql, 1)}) ORDER BY score DESC LIMIT ${most}`;
  const rows = await byIndex(db, sql, question, ...documents.values);
  const isWhole = rows.length === most || Number(rows[0]?.['seen'] ?? candidates) < candidates;
  return isWhole ? toMatches(rows) : undefined;
}

/** To sort all rows is dearer than any index. */
const ONLY_INDEXES = 'SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off';
const AS_BEFORE = 'SET LOCAL enable_seqscan TO DEFAULT; SET LOCAL enable_sort TO DEFAULT';

/**
 * A small table that was analysed is rather read whole and sorted, and each row then has the score of the last one that any
 * index gave on this connection. All is sent at once, so that nothing else of the transaction comes between.
 */
async function byIndex(db: Db, sql: string, ...values: readonly unknown[]): Promise<Row[]> {
  const found = bothOf(db.run(ONLY_INDEXES), db.all(sql, ...values));
  const [[, rows]] = await bothOf(found, db.run(AS_BEFORE));
  return rows;
}

/** To work the score out in the list of columns takes 0.2 ms a row; the index has it. */
function bestSql({ collection }: WordsQuery, limit: number): string {
  return `SELECT chunk AS id, document, -bm25_get_current_score() AS score FROM ${tableOf(collection)}
    ORDER BY words <@> to_bm25query($1, '${indexOf(collection)}') LIMIT ${limit}`;
}

function toMatches(rows: readonly Row[]): Match[] {
  const matches = rows.map((row) => ({
    id: Number(row['id']),
    document: Number(row['document']),
    score: Number(row['score']) * SCALE,
  }));
  return matches.sort((a, b) => b.score - a.score || a.id - b.id);
}
