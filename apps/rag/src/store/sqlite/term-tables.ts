import { joinTerms } from '@xnai/text/analyse';
import type { KeptChunk } from '../../blocks/reading.ts';
import { type IndexedText, indexedText } from '../indexed-text.ts';
import type { NewDocument } from '../store.ts';
import { COLUMN_WEIGHTS, TERMS_VERSION } from '../term-columns.ts';
import type { Database } from './database.ts';

/**
 * The full-text table of a collection. While its documents are indexed anew, a collection has one of the version that
 * answers and one of `TERMS_VERSION` that is being filled.
 */
export function termTable(collection: number, version: number): string {
  return version === 1 ? `fts_${collection}` : `terms_v${version}_${collection}`;
}

/** Every sign of ASCII belongs to a term, so that only white space divides them. Terms come folded. */
const TOKENIZER = `ascii tokenchars ''!"#$%&''''()*+,-./:;<=>?@[\\]^_\`{|}~''`;

export function createTermTable(db: Database, collection: number): void {
  // Contentless tables must keep `detail=full`: without it FTS5 ranks by garbage, and says nothing.
  db.exec(`CREATE VIRTUAL TABLE ${termTable(collection, TERMS_VERSION)} USING fts5(
    title, heading, body, context, parts, content='', contentless_delete=1, tokenize='${TOKENIZER}'
  )`);
}

/** The version by which a collection is searched, and `TERMS_VERSION` where that is another. */
export function termVersions(db: Database, collection: number): readonly number[] {
  const row = db.get('SELECT terms_version FROM collections WHERE id = ?', collection);
  return [...new Set([Number(row?.['terms_version'] ?? TERMS_VERSION), TERMS_VERSION])];
}

/** Those of all collections. */
export function termTables(db: Database): readonly string[] {
  const ids = db.all('SELECT id FROM collections').map(({ id }) => Number(id));
  return ids.flatMap((id) => termVersions(db, id).map((version) => termTable(id, version)));
}

export interface TermRow {
  readonly collection: number;
  /** That of the chunk. */
  readonly id: number;
  readonly chunk: Pick<KeptChunk, 'heading' | 'text' | 'context'>;
  readonly document: Pick<NewDocument, 'title' | 'inline'>;
}

/** Makes a chunk findable; `version` is that of the table. */
export function insertTerms(
  db: Database,
  version: number,
  { collection, id, chunk, document }: TermRow,
): void {
  const table = termTable(collection, version);
  const text = indexedText(chunk, document);
  if (version === 1) {
    const sql = `INSERT INTO ${table} (rowid, title, heading, body, context) VALUES (?, ?, ?, ?, ?)`;
    db.run(sql, id, ...fields(text));
    return;
  }
  const sql = `INSERT INTO ${table} (rowid, title, heading, body, context, parts) VALUES (?, ?, ?, ?, ?, ?)`;
  const joined = fields(text).map(joinTerms);
  const parts = joined.flatMap(({ parts }) => (parts === '' ? [] : [parts])).join(' ');
  db.run(sql, id, ...joined.map(({ whole }) => whole), parts);
}

function fields({ title, heading, body, context }: IndexedText): [string, string, string, string] {
  return [title, heading, body, context];
}

/** bm25() is lower for better matches. */
export function scoreSql(collection: number, version: number): string {
  const weights = Object.values(COLUMN_WEIGHTS).slice(0, version === 1 ? -1 : undefined);
  return `bm25(${termTable(collection, version)}, ${weights.join(', ')})`;
}
