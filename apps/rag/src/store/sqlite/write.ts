import { deflateRawSync } from 'node:zlib';
import { BLOCKS_VERSION, type Metadata } from '@xnai/contracts';
import type { DocumentDetails, KeptChunk } from '../../blocks/reading.ts';
import type { DocumentKey, NewDocument } from '../store.ts';
import type { Database } from './database.ts';
import { indexedText } from './indexed-text.ts';

/** One change to the index. `at`: ISO 8601. */
export type Write =
  | { readonly kind: 'upsert'; readonly document: NewDocument; readonly at: string }
  | { readonly kind: 'reading'; readonly document: NewDocument }
  | { readonly kind: 'metadata'; readonly key: DocumentKey; readonly metadata: Metadata; readonly at: string }
  | { readonly kind: 'delete-document'; readonly key: DocumentKey; readonly at: string }
  | { readonly kind: 'delete-collection'; readonly collection: string };

/** Applies the change inside the open transaction; true when a document was created, or what was to change existed. */
export function applyWrite(db: Database, write: Write): boolean {
  switch (write.kind) {
    case 'upsert':
      return upsert(db, write.document, write.at);
    case 'reading':
      return replaceReading(db, write.document);
    case 'metadata':
      return replaceMetadata(db, write.key, write.metadata, write.at);
    case 'delete-document':
      return deleteDocument(db, write.key, write.at);
    case 'delete-collection':
      return deleteCollection(db, write.collection);
  }
}

function upsert(db: Database, document: NewDocument, at: string): boolean {
  const collection = ensureCollection(db, document.collection, at);
  const removed = removeDocument(db, collection, document.id);
  const id = insertDocument(db, collection, document, at);
  insertChunks(db, collection, id, document);
  insertMetadata(db, collection, id, document.metadata);
  const bytes = Buffer.byteLength(document.text);
  count(db, collection, at, {
    documents: removed === undefined ? 1 : 0,
    chunks: document.chunks.length - (removed?.chunks ?? 0),
    bytes: bytes - (removed?.bytes ?? 0),
  });
  return removed === undefined;
}

function replaceReading(db: Database, document: NewDocument): boolean {
  const collection = findCollection(db, document.collection);
  if (collection === undefined) return false;
  const sql = 'SELECT content_hash, updated_at FROM documents WHERE collection = ? AND name = ?';
  const row = db.get(sql, collection, document.id);
  if (row?.['content_hash'] !== document.contentHash) return false;
  upsert(db, document, String(row['updated_at']));
  return true;
}

function ensureCollection(db: Database, name: string, at: string): number {
  const known = findCollection(db, name);
  if (known !== undefined) return known;
  const sql = 'INSERT INTO collections (name, documents, chunks, bytes, updated_at) VALUES (?, 0, 0, 0, ?)';
  const { lastId } = db.run(sql, name, at);
  // Contentless tables must keep `detail=full`: without it FTS5 ranks by garbage, and says nothing.
  db.exec(`CREATE VIRTUAL TABLE fts_${lastId} USING fts5(
    title, heading, body, context, content='', contentless_delete=1,
    tokenize='porter unicode61 remove_diacritics 2'
  )`);
  return lastId;
}

function findCollection(db: Database, name: string): number | undefined {
  const row = db.get('SELECT id FROM collections WHERE name = ?', name);
  return row === undefined ? undefined : Number(row['id']);
}

interface Removed {
  readonly chunks: number;
  readonly bytes: number;
}

function removeDocument(db: Database, collection: number, name: string): Removed | undefined {
  const sql = 'SELECT id, chunks, bytes FROM documents WHERE collection = ? AND name = ?';
  const row = db.get(sql, collection, name);
  if (row === undefined) return undefined;
  const id = Number(row['id']);
  db.run(`DELETE FROM fts_${collection} WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)`, id);
  db.run('DELETE FROM chunks WHERE document = ?', id);
  db.run('DELETE FROM metadata WHERE document = ?', id);
  db.run('DELETE FROM documents WHERE id = ?', id);
  return { chunks: Number(row['chunks']), bytes: Number(row['bytes']) };
}

function insertDocument(db: Database, collection: number, document: NewDocument, at: string): number {
  const { text, chunks } = document;
  const { lastId } = db.run(
    `INSERT INTO documents (collection, name, title, url, content_type, content_hash, metadata, bytes, chunks,
      tail, updated_at, blocks_version, inline, pages, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    collection,
    document.id,
    document.title ?? null,
    document.url ?? null,
    document.contentType,
    document.contentHash,
    JSON.stringify(document.metadata),
    Buffer.byteLength(text),
    chunks.length,
    text.slice(chunks.at(-1)?.end ?? 0),
    at,
    BLOCKS_VERSION,
    document.inline,
    document.pages === undefined ? null : JSON.stringify(document.pages),
    packDetails(document.details),
  );
  return lastId;
}

/** Anchors of a long page are many, and much alike. */
function packDetails({ language, anchors, losses }: DocumentDetails): Uint8Array | null {
  const isEmpty = language === undefined && losses.length === 0 && Object.keys(anchors).length === 0;
  return isEmpty ? null : deflateRawSync(JSON.stringify({ language, anchors, losses }));
}

function insertChunks(db: Database, collection: number, documentId: number, document: NewDocument): void {
  let from = 0;
  for (const chunk of document.chunks) {
    const id = insertChunk(db, documentId, chunk, document.text.slice(from, chunk.start));
    const { title, heading, body, context } = indexedText(chunk, document);
    const sql = `INSERT INTO fts_${collection} (rowid, title, heading, body, context) VALUES (?, ?, ?, ?, ?)`;
    db.run(sql, id, title, heading, body, context);
    from = chunk.end;
  }
}

function insertChunk(db: Database, documentId: number, chunk: KeptChunk, lead: string): number {
  const { lastId } = db.run(
    `INSERT INTO chunks (document, ordinal, start_at, end_at, lead, text, heading, context, blocks)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    documentId,
    chunk.ordinal,
    chunk.start,
    chunk.end,
    lead,
    chunk.text,
    JSON.stringify(chunk.heading),
    chunk.context,
    chunk.blocks ?? null,
  );
  return lastId;
}

/** Values are stored as JSON, so that 1, "1" and true stay apart. */
function insertMetadata(db: Database, collection: number, documentId: number, metadata: Metadata): void {
  for (const [key, value] of Object.entries(metadata)) {
    const sql = 'INSERT INTO metadata (collection, key, value, document) VALUES (?, ?, ?, ?)';
    db.run(sql, collection, key, JSON.stringify(value), documentId);
  }
}

interface Change {
  readonly documents: number;
  readonly chunks: number;
  readonly bytes: number;
}

/** `at` is older than the last change of the collection where a document is only read again. */
function count(db: Database, collection: number, at: string, change: Change): void {
  db.run(
    `UPDATE collections SET documents = documents + ?, chunks = chunks + ?, bytes = bytes + ?,
      updated_at = max(updated_at, ?) WHERE id = ?`,
    change.documents,
    change.chunks,
    change.bytes,
    at,
    collection,
  );
}

function replaceMetadata(db: Database, key: DocumentKey, metadata: Metadata, at: string): boolean {
  const collection = findCollection(db, key.collection);
  if (collection === undefined) return false;
  const row = db.get('SELECT id FROM documents WHERE collection = ? AND name = ?', collection, key.id);
  if (row === undefined) return false;
  const id = Number(row['id']);
  db.run('DELETE FROM metadata WHERE document = ?', id);
  insertMetadata(db, collection, id, metadata);
  db.run('UPDATE documents SET metadata = ?, updated_at = ? WHERE id = ?', JSON.stringify(metadata), at, id);
  return true;
}

function deleteDocument(db: Database, key: DocumentKey, at: string): boolean {
  const collection = findCollection(db, key.collection);
  const removed = collection === undefined ? undefined : removeDocument(db, collection, key.id);
  if (collection === undefined || removed === undefined) return false;
  count(db, collection, at, { documents: -1, chunks: -removed.chunks, bytes: -removed.bytes });
  return true;
}

function deleteCollection(db: Database, name: string): boolean {
  const collection = findCollection(db, name);
  if (collection === undefined) return false;
  db.run('DELETE FROM chunks WHERE document IN (SELECT id FROM documents WHERE collection = ?)', collection);
  db.run('DELETE FROM metadata WHERE collection = ?', collection);
  db.run('DELETE FROM documents WHERE collection = ?', collection);
  db.run('DELETE FROM collections WHERE id = ?', collection);
  db.exec(`DROP TABLE fts_${collection}`);
  return true;
}
