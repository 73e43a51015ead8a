import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import { detectLanguage } from '@xnai/text/analyse';
import type { KeptChunk } from '../../blocks/reading.ts';
import type { DocumentKey } from '../document-key.ts';
import { embeddedText, textHashOf as hashOfText } from '../embedded-text.ts';
import { textHashOf } from '../named.ts';
import type { NewDocument, Renewal } from '../store.ts';
import { packDetails } from '../stored-document.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { ExportedDocument } from '../transfer.ts';
import {
  addAddress,
  deleteAddresses,
  findSameText,
  promoteAlias,
  removeAlias,
  replaceAliases,
  replaceAliasMetadata,
  setLinks,
} from './addresses.ts';
import { attachVectors, type Detached, detachVectors, type HashedChunk, release } from './chunk-vectors.ts';
import type { Database } from './database.ts';
import { addLanguage, removeLanguage } from './languages.ts';
import { replaceMetadataRows } from './metadata-rows.ts';
import { reindexNext } from './reindex.ts';
import { dropTermTables, queueTerms, removeTerms, withTermsAtEnd } from './term-queue.ts';
import { createTermTable } from './term-tables.ts';
import { takeCollection } from './vector-blocks.ts';
import { applyVectorWrite, type VectorWrite } from './vector-writes.ts';

/** One change to the index. `at`: ISO 8601. */
export type Write =
  | { readonly kind: 'upsert'; readonly document: NewDocument; readonly at: string }
  | { readonly kind: 'reading'; readonly document: NewDocument }
  | { readonly kind: 'import'; readonly document: ExportedDocument }
  | ({ readonly kind: 'metadata'; readonly key: DocumentKey; readonly at: string } & Renewal)
  | { readonly kind: 'delete-document'; readonly key: DocumentKey; readonly at: string }
  | { readonly kind: 'delete-collection'; readonly collection: string }
  | { readonly kind: 'reindex' }
  | VectorWrite;

/** True when a document was created, what was to change existed, or old vectors are left; the id of the document that an address was joined to. */
export type WriteValue = boolean | { readonly keptAs: string };

const DELETIONS: ReadonlySet<Write['kind']> = new Set([
  'delete-document',
  'delete-collection',
  'delete-old-vectors',
  'discard-vectors',
]);

export function isDeletion({ kind }: Write): boolean {
  return DELETIONS.has(kind);
}

/** Applies the changes inside the open transaction. */
export function applyWrites(db: Database, batch: readonly Write[]): WriteValue[] {
  return withTermsAtEnd(db, () => batch.map((write) => applyWrite(db, write)));
}

function applyWrite(db: Database, write: Write): WriteValue {
  switch (write.kind) {
    case 'upsert':
      return upsert(db, write.document, write.at);
    case 'reading':
      return replaceReading(db, write.document);
    case 'import':
      return importDocument(db, write.document);
    case 'metadata':
      return replaceMetadata(db, write);
    case 'delete-document':
      return deleteDocument(db, write.key, write.at);
    case 'delete-collection':
      return deleteCollection(db, write.collection);
    case 'reindex':
      return reindexNext(db);
    default:
      return applyVectorWrite(db, write);
  }
}

function upsert(db: Database, document: NewDocument, at: string): WriteValue {
  const collection = ensureCollection(db, document.collection, at);
  const textHash = textHashOf(document);
  const same =
    textHash === undefined ? undefined : findSameText(db, collection, { id: document.id, textHash });
  if (same !== undefined) {
    removeAddress(db, collection, document.id, at);
    const keptAs = addAddress(db, collection, same.place, { document, main: same.main, at });
    setLinks(db, collection, document.id, document.links);
    return { keptAs };
  }
  removeAlias(db, collection, document.id);
  const place = findPlace(db, collection, document.id);
  // Its other addresses still have the text that it had.
  if (place !== undefined && place.textHash !== textHash) promoteAlias(db, collection, place.id);
  setLinks(db, collection, document.id, document.links);
  return replaceDocument(db, collection, { document, textHash, at });
}

/** What has one of its addresses gives way: where that is part of the same transfer, it comes again by itself. */
function importDocument(db: Database, document: ExportedDocument): boolean {
  const { updatedAt: at, blocksVersion, aliases } = document;
  const collection = ensureCollection(db, document.collection, at);
  removeAlias(db, collection, document.id);
  for (const { id } of aliases) {
    replaceAliases(db, collection, findPlace(db, collection, id)?.id ?? 0, []);
    removeAddress(db, collection, id, at);
  }
  const textHash = textHashOf(document);
  const isNew = replaceDocument(db, collection, { document, textHash, at, blocksVersion });
  setLinks(db, collection, document.id, document.links);
  replaceAliases(db, collection, findPlace(db, collection, document.id)?.id ?? 0, aliases);
  return isNew;
}

interface Replacement {
  readonly document: NewDocument;
  readonly textHash: string | undefined;
  readonly at: string;
  /** Default: it was read under the current one. */
  readonly blocksVersion?: number;
}

/** A document that is replaced stays where it is, so that its aliases still lead to it. */
function replaceDocument(db: Database, collection: number, replacement: Replacement): boolean {
  const { document, at } = replacement;
  const removed = removeDocument(db, collection, document.id);
  const id = insertDocument(db, collection, { ...replacement, place: removed?.place });
  attachVectors(db, collection, insertChunks(db, collection, id, document), removed?.vectors.kept);
  release(db, removed?.vectors.entries ?? []);
  replaceMetadataRows(db, collection, id, document.metadata);
  const bytes = Buffer.byteLength(document.text);
  count(db, collection, at, {
    documents: removed === undefined ? 1 : 0,
    chunks: document.chunks.length - (removed?.chunks ?? 0),
    bytes: bytes - (removed?.bytes ?? 0),
  });
  return removed === undefined;
}

function findPlace(db: Database, collection: number, name: string) {
  const row = db.get(
    'SELECT id, text_hash FROM documents WHERE collection = ? AND name = ?',
    collection,
    name,
  );
  return row && { id: Number(row['id']), textHash: row['text_hash'] ?? undefined };
}

function replaceReading(db: Database, document: NewDocument): boolean {
  const collection = findCollection(db, document.collection);
  if (collection === undefined) return false;
  const sql = 'SELECT content_hash, updated_at FROM documents WHERE collection = ? AND name = ?';
  const row = db.get(sql, collection, document.id);
  if (row?.['content_hash'] !== document.contentHash) return false;
  // Read again it is the same page, whatever its text is by now.
  replaceDocument(db, collection, {
    document,
    textHash: textHashOf(document),
    at: String(row['updated_at']),
  });
  return true;
}

function ensureCollection(db: Database, name: string, at: string): number {
  const known = findCollection(db, name);
  if (known !== undefined) return known;
  const sql = `INSERT INTO collections (name, documents, chunks, bytes, updated_at, terms_version)
    VALUES (?, 0, 0, 0, ?, ?)`;
  const { lastId } = db.run(sql, name, at, TERMS_VERSION);
  createTermTable(db, lastId);
  return lastId;
}

function findCollection(db: Database, name: string): number | undefined {
  const row = db.get('SELECT id FROM collections WHERE name = ?', name);
  return row === undefined ? undefined : Number(row['id']);
}

interface Removed {
  readonly place: number;
  readonly chunks: number;
  readonly bytes: number;
  /** To be released. */
  readonly vectors: Detached;
}

function removeDocument(db: Database, collection: number, name: string): Removed | undefined {
  const sql = 'SELECT id, chunks, bytes, language FROM documents WHERE collection = ? AND name = ?';
  const row = db.get(sql, collection, name);
  if (row === undefined) return undefined;
  const id = Number(row['id']);
  removeTerms(db, collection, id);
  if (row['language'] !== null) removeLanguage(db, collection, String(row['language']));
  const vectors = detachVectors(db, collection, id);
  db.run('DELETE FROM chunks WHERE document = ?', id);
  db.run('DELETE FROM metadata WHERE document = ?', id);
  db.run('DELETE FROM documents WHERE id = ?', id);
  return { place: id, chunks: Number(row['chunks']), bytes: Number(row['bytes']), vectors };
}

function insertDocument(
  db: Database,
  collection: number,
  {
    document,
    textHash,
    at,
    place,
    blocksVersion = BLOCKS_VERSION,
  }: Replacement & { readonly place: number | undefined },
): number {
  const { text, chunks } = document;
  const language = detectLanguage(text);
  const { lastId } = db.run(
    `INSERT INTO documents (id, collection, name, title, url, content_type, content_hash, metadata, bytes, chunks,
      tail, updated_at, blocks_version, inline, pages, details, text_hash,
      terms_version, language)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    place ?? null,
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
    blocksVersion,
    document.inline,
    document.pages === undefined ? null : JSON.stringify(document.pages),
    packDetails(document.details),
    textHash ?? null,
    TERMS_VERSION,
    language,
  );
  addLanguage(db, collection, language);
  return lastId;
}

function insertChunks(
  db: Database,
  collection: number,
  documentId: number,
  document: NewDocument,
): readonly HashedChunk[] {
  let from = 0;
  const rows = document.chunks.map((chunk) => {
    const hash = hashOfText(embeddedText(chunk, document));
    const lead = document.text.slice(from, chunk.start);
    const id = insertChunk(db, documentId, { ...chunk, lead, hash });
    from = chunk.end;
    return { collection, id, chunk, document, hash };
  });
  queueTerms(db, documentId, rows);
  return rows.map(({ id, hash }) => ({ chunk: id, hash }));
}

interface NewChunk extends KeptChunk {
  readonly lead: string;
  readonly hash: Uint8Array;
}

function insertChunk(db: Database, documentId: number, chunk: NewChunk): number {
  const { lastId } = db.run(
    `INSERT INTO chunks (document, ordinal, start_at, end_at, lead, text, heading, context, blocks, text_hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    documentId,
    chunk.ordinal,
    chunk.start,
    chunk.end,
    chunk.lead,
    chunk.text,
    JSON.stringify(chunk.heading),
    chunk.context,
    chunk.blocks ?? null,
    chunk.hash,
  );
  return lastId;
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

function replaceMetadata(
  db: Database,
  { key, metadata, links, at }: Extract<Write, { kind: 'metadata' }>,
): boolean {
  const collection = findCollection(db, key.collection);
  if (collection === undefined) return false;
  const id = findPlace(db, collection, key.id)?.id;
  if (id === undefined) {
    if (!replaceAliasMetadata(db, collection, key.id, { metadata, at })) return false;
  } else {
    replaceMetadataRows(db, collection, id, metadata);
    const sql = 'UPDATE documents SET metadata = ?, updated_at = ? WHERE id = ?';
    db.run(sql, JSON.stringify(metadata), at, id);
  }
  setLinks(db, collection, key.id, links);
  return true;
}

function deleteDocument(db: Database, key: DocumentKey, at: string): boolean {
  const collection = findCollection(db, key.collection);
  return collection !== undefined && removeAddress(db, collection, key.id, at);
}

/** Removes an address, and its document unless that has other addresses. False when there was none. */
function removeAddress(db: Database, collection: number, name: string, at: string): boolean {
  setLinks(db, collection, name, undefined);
  if (removeAlias(db, collection, name)) return true;
  const place = findPlace(db, collection, name);
  if (place === undefined) return false;
  if (promoteAlias(db, collection, place.id)) return true;
  const removed = removeDocument(db, collection, name);
  if (removed === undefined) return true;
  release(db, removed.vectors.entries);
  count(db, collection, at, { documents: -1, chunks: -removed.chunks, bytes: -removed.bytes });
  return true;
}

const DELETE_PENDING_OF = `DELETE FROM pending_chunks WHERE chunk IN
  (SELECT c.id FROM documents d JOIN chunks c ON c.document = d.id WHERE d.collection = ?)`;

function deleteCollection(db: Database, name: string): boolean {
  const collection = findCollection(db, name);
  if (collection === undefined) return false;
  for (const vectors of takeCollection(db, collection)) release(db, vectors);
  db.run(DELETE_PENDING_OF, collection);
  db.run('DELETE FROM chunks WHERE document IN (SELECT id FROM documents WHERE collection = ?)', collection);
  db.run('DELETE FROM metadata WHERE collection = ?', collection);
  db.run('DELETE FROM documents WHERE collection = ?', collection);
  deleteAddresses(db, collection);
  db.run('DELETE FROM languages WHERE collection = ?', collection);
  dropTermTables(db, collection);
  db.run('DELETE FROM collections WHERE id = ?', collection);
  return true;
}
