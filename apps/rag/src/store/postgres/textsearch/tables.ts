import type { Db } from '../db.ts';
import { isOlder } from '../is-older.ts';

/** Earlier releases could damage an index that was written to and merged at a time, as that release says. */
export const LEAST_TEXTSEARCH = '1.5.1';

/** k1 is that of the postings, for weights that are doubled. */
const OPTIONS = "text_config = 'pg_catalog.simple', k1 = 2.4, b = 0.75";

/** Of a collection. Its index counts words for itself, so that each collection has one. */
export function tableOf(collection: number): string {
  return `words_${collection}`;
}

export function indexOf(collection: number): string {
  return `${tableOf(collection)}_bm25`;
}

/** A library that is not loaded with the server sets no version, and its indexes can be neither read nor written. */
const LIBRARY = `current_setting('pg_textsearch.library_version', true)`;
const VERSION = `SELECT extversion AS version, ${LIBRARY} AS library,
  to_regprocedure('to_bm25query(text, text)') IS NOT NULL AS is_visible FROM pg_extension WHERE extname = 'pg_textsearch'`;

export type Textsearch =
  | { readonly kind: 'absent' }
  | { readonly kind: 'old'; readonly version: string }
  | { readonly kind: 'not loaded'; readonly version: string }
  /** In a schema where it is not looked for. */
  | { readonly kind: 'elsewhere'; readonly version: string }
  | { readonly kind: 'usable'; readonly version: string };

/** What the database has of pg_textsearch. */
export async function readTextsearch(db: Db): Promise<Textsearch> {
  const row = await db.get(VERSION);
  if (row === undefined) return { kind: 'absent' };
  const version = String(row['version']);
  if (isOlder(version, LEAST_TEXTSEARCH)) return { kind: 'old', version };
  if (row['library'] === null) return { kind: 'not loaded', version };
  return { kind: row['is_visible'] === true ? 'usable' : 'elsewhere', version };
}

/** True while documents of the collection are written into its table of words too. The collection is `$1`. */
export const HAS_WORDS = 'EXISTS (SELECT 1 FROM word_tables WHERE collection = $1)';

/**
 * True where all chunks of a collection have their words, and the index is there, which the extension takes along when it is
 * dropped, and can be read.
 *
 * @param collection an expression
 */
export function isFoundByWords(collection: string): string {
  return `EXISTS (SELECT 1 FROM word_tables w WHERE w.collection = ${collection} AND w.made_until >= w.made_before
    AND ${LIBRARY} IS NOT NULL AND to_regclass(format('xnai.words_%s_bm25', w.collection)) IS NOT NULL)`;
}

/** Chunks of documents with a number below `madeBefore` have no words yet; 0: there are no such documents. */
export async function createWords(db: Db, collection: number, madeBefore: number): Promise<void> {
  const table = tableOf(collection);
  await db.run(
    `CREATE TABLE ${table} (chunk bigint PRIMARY KEY, document bigint NOT NULL, words text NOT NULL)`,
  );
  await db.run(`CREATE INDEX ${indexOf(collection)} ON ${table} USING bm25 (words) WITH (${OPTIONS})`);
  await db.run('INSERT INTO word_tables VALUES ($1, 0, $2)', collection, madeBefore);
}

/** For a collection that was just made. */
export async function createWordsIfUsable(db: Db, collection: number): Promise<void> {
  if ((await readTextsearch(db)).kind === 'usable') await createWords(db, collection, 0);
}

export async function dropWords(db: Db, collection: number): Promise<void> {
  await db.run('DELETE FROM word_tables WHERE collection = $1', collection);
  await db.run(`DROP TABLE IF EXISTS ${tableOf(collection)}`);
}
