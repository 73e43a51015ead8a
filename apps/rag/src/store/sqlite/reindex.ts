import { detectLanguage } from '@xnai/text/analyse';
import { optional, toChunk, toMarks } from '../stored-chunk.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { Database, Row } from './database.ts';
import { addLanguage } from './languages.ts';
import { insertTerms, termTable } from './term-tables.ts';

/**
 * Gives one more document its terms in the new table of its collection, out of the stored text, and ends the old table
 * once all documents of the collection are in the new one. False when there is nothing left to do.
 */
export function reindexNext(db: Database): boolean {
  const collection = db.get(
    'SELECT id, terms_version FROM collections WHERE terms_version < ?',
    TERMS_VERSION,
  );
  if (collection === undefined) return false;
  const id = Number(collection['id']);
  const sql = 'SELECT * FROM documents WHERE collection = ? AND terms_version < ? LIMIT 1';
  const document = db.get(sql, id, TERMS_VERSION);
  if (document === undefined) endOldTable(db, id, Number(collection['terms_version']));
  else reindexDocument(db, id, document);
  return true;
}

function endOldTable(db: Database, collection: number, version: number): void {
  db.exec(`DROP TABLE ${termTable(collection, version)}`);
  db.run('UPDATE collections SET terms_version = ? WHERE id = ?', TERMS_VERSION, collection);
}

function reindexDocument(db: Database, collection: number, row: Row): void {
  const place = Number(row['id']);
  const document = { title: optional(row, 'title'), ...toMarks(row) };
  const chunks = db.all('SELECT * FROM chunks WHERE document = ? ORDER BY ordinal', place);
  for (const chunk of chunks) {
    insertTerms(db, TERMS_VERSION, { collection, id: Number(chunk['id']), chunk: toChunk(chunk), document });
  }
  const language = detectLanguage(chunks.map(({ text }) => String(text)).join('\n'));
  addLanguage(db, collection, language);
  const sql = 'UPDATE documents SET terms_version = ?, language = ? WHERE id = ?';
  db.run(sql, TERMS_VERSION, language, place);
}
