import type { DocumentKey } from '../document-key.ts';
import type { StoredDocument } from '../store.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import { count, NO_CHANGE, slotOf } from './collections.ts';
import type { Db } from './db.ts';
import { insertTerms, removeTerms, termsOf } from './insert-document.ts';
import { addLanguage, removeLanguage } from './languages.ts';
import { lockDocuments } from './locks.ts';
import type { CutDocument } from './postings/cut-terms.ts';
import { readDocument } from './read.ts';

export interface Older {
  readonly place: number;
  readonly collection: number;
  readonly document: StoredDocument;
}

/** A document whose terms were cut by an older version. */
export async function findOlder(db: Db): Promise<Older | undefined> {
  const sql = `SELECT d.*, c.name AS collection_name FROM documents d JOIN collections c ON c.id = d.collection
    WHERE d.terms_version < $1 LIMIT 1`;
  const row = await db.get(sql, TERMS_VERSION);
  if (row === undefined) return undefined;
  const document = await readDocument(db, row, String(row['collection_name']));
  return { place: Number(row['id']), collection: Number(row['collection']), document };
}

/** Does nothing where the document was written meanwhile. */
export async function replaceTerms(
  db: Db,
  { place, collection, document }: Older,
  cut: CutDocument,
): Promise<void> {
  const { collection: name, id }: DocumentKey = document;
  await lockDocuments(db, { collection: name, keys: [id] });
  const sql = `SELECT terms, language FROM documents
    WHERE id = $1 AND name = $2 AND content_hash = $3 AND terms_version < $4 FOR UPDATE`;
  const row = await db.get(sql, place, id, document.contentHash, TERMS_VERSION);
  if (row === undefined) return;
  const chunks = (await db.all('SELECT id FROM chunks WHERE document = $1 ORDER BY ordinal', place)).map(
    (one) => Number(one['id']),
  );
  await removeTerms(db, collection, chunks);
  await insertTerms(db, collection, { document: place, ids: chunks, chunks: cut.chunks });
  const slot = { collection, slot: slotOf(id), at: document.updatedAt };
  removeLanguage(db, slot, String(row['language']));
  addLanguage(db, slot, cut.language);
  const terms = termsOf(cut);
  await db.run(
    'UPDATE documents SET terms = $1, language = $2, terms_version = $3 WHERE id = $4',
    terms,
    cut.language,
    TERMS_VERSION,
    place,
  );
  count(db, slot, { ...NO_CHANGE, terms: terms - Number(row['terms']) });
}
