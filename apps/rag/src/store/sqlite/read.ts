import { statSync } from 'node:fs';
import { BLOCKS_VERSION } from '@xnai/contracts/blocks-version';
import type { Address, AddressPage } from '../address.ts';
import type { DocumentKey } from '../document-key.ts';
import type {
  CollectionStats,
  DocumentRecord,
  ListPage,
  OutdatedDocument,
  StoredChunk,
  StoredDocument,
  StoreStats,
} from '../store.ts';
import type { ChunkRef } from '../store-call.ts';
import { SELECT_CHUNK, toChunk, toMarks, toStoredChunk } from '../stored-chunk.ts';
import { toCollection, toDetails, toRecord } from '../stored-document.ts';
import { TERMS_VERSION } from '../term-columns.ts';
import type { ExportedDocument } from '../transfer.ts';
import type { Database } from './database.ts';
import { documentVectors, toExported } from './export-document.ts';
import { findCollection } from './find-collection.ts';
import { aliasesOf, getAddress, listAddresses } from './read-addresses.ts';
import { search } from './search.ts';
import { setChecks } from './set-checks.ts';
import { termStatistics } from './term-statistics.ts';
import { dividedChunks, pendingTexts, quarantinedChunks, vectorStats } from './vector-texts.ts';

/** Everything that readers can be asked, by name; each runs in one read transaction. */
export const READS = {
  getCollection: (db: Database, name: string): CollectionStats | undefined => {
    const row = db.get(`${SELECT_COLLECTION} WHERE name = ?`, name);
    return row === undefined ? undefined : toCollection(row);
  },

  listCollections: (db: Database, { after, limit }: ListPage): CollectionStats[] =>
    db.all(`${SELECT_COLLECTION} WHERE name > ? ORDER BY name LIMIT ?`, after ?? '', limit).map(toCollection),

  getSummary: (db: Database, key: DocumentKey): DocumentRecord | undefined => {
    const row = db.get(SELECT_DOCUMENT, key.collection, key.id);
    return row === undefined ? undefined : toRecord(row, key.collection);
  },

  getDocument: (db: Database, key: DocumentKey): StoredDocument | undefined => {
    const row =
      db.get(SELECT_DOCUMENT, key.collection, key.id) ?? db.get(SELECT_ALIASED, key.collection, key.id);
    if (row === undefined) return undefined;
    const rows = db.all('SELECT * FROM chunks WHERE document = ? ORDER BY ordinal', Number(row['id']));
    const text = rows.map((part) => `${part['lead']}${part['text']}`).join('') + String(row['tail']);
    const details = toDetails(row['details']);
    const isOutdated = Number(row['blocks_version']) < BLOCKS_VERSION;
    const record = toRecord(row, key.collection);
    const known = aliasesOf(db, Number(row['id']));
    return { ...record, ...known, ...toMarks(row), text, details, chunks: rows.map(toChunk), isOutdated };
  },

  exportDocument: (db: Database, key: DocumentKey): ExportedDocument | undefined => {
    const document = READS.getDocument(db, key);
    return document && toExported(db, key, document);
  },

  documentVectors,

  getAddress,

  listAddresses: (db: Database, collection: string, page: AddressPage): Address[] =>
    listAddresses(db, findCollection(db, collection).id, collection, page),

  listDocuments: (db: Database, collection: string, { after, limit }: ListPage): DocumentRecord[] => {
    const { id } = findCollection(db, collection);
    const sql = 'SELECT * FROM documents WHERE collection = ? AND name > ? ORDER BY name LIMIT ?';
    return db.all(sql, id, after ?? '', limit).map((row) => toRecord(row, collection));
  },

  listOutdated: (db: Database, page: { after: number; limit: number }): OutdatedDocument[] => {
    const sql = `SELECT d.id AS place, d.name, c.name AS collection FROM documents d
      JOIN collections c ON c.id = d.collection WHERE d.blocks_version < ? AND d.id > ? ORDER BY d.id LIMIT ?`;
    return db.all(sql, BLOCKS_VERSION, page.after, page.limit).map((row) => ({
      place: Number(row['place']),
      collection: String(row['collection']),
      id: String(row['name']),
    }));
  },

  getChunks: (db: Database, collection: string, refs: readonly ChunkRef[]): StoredChunk[] => {
    const sql = `${SELECT_CHUNK} JOIN chunks c ON c.document = d.id
      WHERE d.collection = (SELECT id FROM collections WHERE name = ?) AND d.name = ? AND c.ordinal = ?`;
    return refs.flatMap(({ documentId, ordinal }) => {
      const row = db.get(sql, collection, documentId, ordinal);
      return row === undefined ? [] : [toStoredChunk(row)];
    });
  },

  search,

  termStatistics,

  dividedChunks,
  pendingTexts,
  quarantinedChunks,
  setChecks,
  vectorStats,

  stats: (db: Database, path: string): StoreStats => {
    const row = db.get(
      'SELECT count(*) AS collections, sum(documents) AS documents, sum(chunks) AS chunks FROM collections',
    );
    const outdated = db.get('SELECT count(*) AS n FROM documents WHERE blocks_version < ?', BLOCKS_VERSION);
    const unindexed = db.get(COUNT_UNINDEXED, TERMS_VERSION);
    const number = (name: string) => Number(row?.[name] ?? 0);
    return {
      collections: number('collections'),
      documents: number('documents'),
      chunks: number('chunks'),
      outdated: Number(outdated?.['n']),
      unindexed: Number(unindexed?.['n']),
      fileBytes: statSync(path).size,
      engine: { name: 'sqlite', version: process.versions['sqlite'] ?? '', search: 'fts5' },
    };
  },
};

const COUNT_UNINDEXED = `SELECT count(*) AS n FROM collections c
  JOIN documents d ON d.collection = c.id AND d.terms_version < ?1 WHERE c.terms_version < ?1`;
const SELECT_COLLECTION = `SELECT name, documents, chunks, bytes, updated_at, hex(value) AS generation FROM collections
  LEFT JOIN generations ON collection = id`;
const SELECT_DOCUMENT = `SELECT * FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?`;
const SELECT_ALIASED = `SELECT * FROM documents WHERE id =
  (SELECT document FROM aliases WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?)`;
