import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import type { DocumentKey } from '../document-key.ts';
import type { DocumentRecord, ListPage, OutdatedDocument, StoredChunk, StoredDocument } from '../store.ts';
import type { ChunkRef } from '../store-call.ts';
import { type Row, SELECT_CHUNK, toChunk, toMarks, toStoredChunk } from '../stored-chunk.ts';
import { toDetails, toRecord } from '../stored-document.ts';
import { findCollection } from './collections.ts';
import type { Db } from './db.ts';
import { aliasesOf } from './read-addresses.ts';

const SELECT_DOCUMENT = `SELECT * FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = $1) AND name = $2`;
const SELECT_ALIASED = `SELECT * FROM documents WHERE id =
  (SELECT document FROM aliases WHERE collection = (SELECT id FROM collections WHERE name = $1) AND name = $2)`;

export async function getSummary(db: Db, key: DocumentKey): Promise<DocumentRecord | undefined> {
  const row = await db.get(SELECT_DOCUMENT, key.collection, key.id);
  return row && toRecord(row, key.collection);
}

export async function getDocument(db: Db, key: DocumentKey): Promise<StoredDocument | undefined> {
  const row =
    (await db.get(SELECT_DOCUMENT, key.collection, key.id)) ??
    (await db.get(SELECT_ALIASED, key.collection, key.id));
  return row && readDocument(db, row, key.collection);
}

/** Of a row of `documents`. */
export async function readDocument(db: Db, row: Row, collection: string): Promise<StoredDocument> {
  const rows = await db.all('SELECT * FROM chunks WHERE document = $1 ORDER BY ordinal', row['id']);
  const text = rows.map((part) => `${part['lead']}${part['text']}`).join('') + String(row['tail']);
  return {
    ...toRecord(row, collection),
    ...(await aliasesOf(db, Number(row['id']))),
    ...toMarks(row),
    text,
    details: toDetails(row['details']),
    chunks: rows.map(toChunk),
    isOutdated: Number(row['blocks_version']) < BLOCKS_VERSION,
  };
}

export async function listDocuments(
  db: Db,
  collection: string,
  { after = '', limit }: ListPage,
): Promise<DocumentRecord[]> {
  const { id } = await findCollection(db, collection);
  const sql = 'SELECT * FROM documents WHERE collection = $1 AND name > $2 ORDER BY name LIMIT $3';
  return (await db.all(sql, id, after, limit)).map((row) => toRecord(row, collection));
}

export async function listOutdated(
  db: Db,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<OutdatedDocument[]> {
  const sql = `SELECT d.id AS place, d.name, c.name AS collection FROM documents d
    JOIN collections c ON c.id = d.collection WHERE d.blocks_version < $1 AND d.id > $2 ORDER BY d.id LIMIT $3`;
  const rows = await db.all(sql, BLOCKS_VERSION, after, limit);
  return rows.map((row) => ({
    place: Number(row['place']),
    collection: String(row['collection']),
    id: String(row['name']),
  }));
}

export async function getChunks(
  db: Db,
  collection: string,
  refs: readonly ChunkRef[],
): Promise<readonly StoredChunk[]> {
  const rows = await db.all(
    `${SELECT_CHUNK} JOIN collections l ON l.id = d.collection AND l.name = $1
      JOIN unnest($2::text[], $3::int[]) WITH ORDINALITY AS wanted (name, ordinal, n) ON wanted.name = d.name
      JOIN chunks c ON c.document = d.id AND c.ordinal = wanted.ordinal ORDER BY wanted.n`,
    collection,
    refs.map(({ documentId }) => documentId),
    refs.map(({ ordinal }) => ordinal),
  );
  return rows.map(toStoredChunk);
}
