import { statSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { BLOCKS_VERSION, type Filter, type Metadata, type TextDocument } from '@xnai/contracts';
import type { DocumentDetails, KeptChunk } from '../../blocks/reading.ts';
import type { Address, AddressPage } from '../address.ts';
import type {
  ChunkRef,
  CollectionStats,
  DocumentKey,
  DocumentRecord,
  ListPage,
  OutdatedDocument,
  StoredChunk,
  StoredDocument,
  StoreHit,
  StoreQuery,
  StoreStats,
  TermStatistics,
} from '../store.ts';
import { StoreError } from '../store-error.ts';
import type { Database, Row } from './database.ts';
import { ftsPhrase, ftsQuery } from './fts-query.ts';
import { aliasesOf, getAddress, listAddresses } from './read-addresses.ts';

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

  getAddress,

  listAddresses: (db: Database, collection: string, page: AddressPage): Address[] =>
    listAddresses(db, collectionId(db, collection), collection, page),

  listDocuments: (db: Database, collection: string, { after, limit }: ListPage): DocumentRecord[] => {
    const id = collectionId(db, collection);
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

  search: (db: Database, { collection, text, filter, k }: StoreQuery): StoreHit[] => {
    const id = collectionId(db, collection);
    const match = text === undefined ? undefined : ftsQuery(text);
    if (match === undefined) return [];
    const filtered = filterSql(id, filter);
    const rows = db.all(searchSql(id, filtered.sql), match, ...filtered.values, k);
    // bm25() is lower for better matches.
    return rows.map((row) => ({ chunk: toStoredChunk(row), score: -Number(row['score']) }));
  },

  termStatistics: (db: Database, collection: string, words: readonly string[]): TermStatistics => {
    const id = collectionId(db, collection);
    const total = db.get('SELECT chunks FROM collections WHERE id = ?', id);
    const sql = `SELECT count(*) AS n FROM fts_${id} WHERE fts_${id} MATCH ?`;
    const frequency = (word: string) => {
      const match = ftsPhrase(word);
      return match === undefined ? 0 : Number(db.get(sql, match)?.['n']);
    };
    return { chunks: Number(total?.['chunks']), frequencies: words.map(frequency) };
  },

  stats: (db: Database, path: string): StoreStats => {
    const row = db.get(
      'SELECT count(*) AS collections, sum(documents) AS documents, sum(chunks) AS chunks FROM collections',
    );
    const outdated = db.get('SELECT count(*) AS n FROM documents WHERE blocks_version < ?', BLOCKS_VERSION);
    const number = (name: string) => Number(row?.[name] ?? 0);
    return {
      collections: number('collections'),
      documents: number('documents'),
      chunks: number('chunks'),
      outdated: Number(outdated?.['n']),
      fileBytes: statSync(path).size,
    };
  },
};

const SELECT_COLLECTION = 'SELECT name, documents, chunks, bytes, updated_at FROM collections';
const SELECT_DOCUMENT = `SELECT * FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?`;
const SELECT_ALIASED = `SELECT * FROM documents WHERE id =
  (SELECT document FROM aliases WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?)`;
const SELECT_CHUNK = `SELECT d.name, d.title, d.url, d.content_type, d.metadata, d.inline,
  d.pages, c.ordinal, c.start_at, c.end_at, c.text, c.heading, c.context, c.blocks FROM documents d`;

function collectionId(db: Database, name: string): number {
  const row = db.get('SELECT id FROM collections WHERE name = ?', name);
  if (row === undefined) throw new StoreError('COLLECTION_NOT_FOUND');
  return Number(row['id']);
}

/** Title counts double. `+rowid` keeps SQLite from running the match once for each row of the filter. */
function searchSql(collection: number, filter: string): string {
  return `WITH top AS (
      SELECT rowid AS id, bm25(fts_${collection}, 2.0, 1.0, 1.0, 1.0) AS score
      FROM fts_${collection} WHERE fts_${collection} MATCH ? ${filter}
      ORDER BY score, rowid LIMIT ?
    )
    ${SELECT_CHUNK.replace(' FROM', ', top.score FROM')} JOIN chunks c ON c.document = d.id
    JOIN top ON top.id = c.id ORDER BY top.score, top.id`;
}

function filterSql(collection: number, filter: Filter = {}): { sql: string; values: (string | number)[] } {
  const keys = Object.entries(filter);
  if (keys.length === 0) return { sql: '', values: [] };
  const conditions = keys.map(([key, wanted]) => {
    const options = (Array.isArray(wanted) ? wanted : [wanted]).map((value) => JSON.stringify(value));
    const marks = options.map(() => '?').join(', ');
    const sql = `SELECT document FROM metadata WHERE collection = ? AND key = ? AND value IN (${marks})`;
    return { sql, values: [collection, key, ...options] };
  });
  const documents = conditions.map(({ sql }) => sql).join(' INTERSECT ');
  return {
    sql: `AND +rowid IN (SELECT id FROM chunks WHERE document IN (${documents}))`,
    values: conditions.flatMap(({ values }) => values),
  };
}

function toCollection(row: Row): CollectionStats {
  return {
    name: String(row['name']),
    documents: Number(row['documents']),
    chunks: Number(row['chunks']),
    bytes: Number(row['bytes']),
    updatedAt: String(row['updated_at']),
  };
}

function toRecord(row: Row, collection: string): DocumentRecord {
  return {
    collection,
    id: String(row['name']),
    title: optional(row, 'title'),
    url: optional(row, 'url'),
    contentType: String(row['content_type']),
    contentHash: String(row['content_hash']),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
    bytes: Number(row['bytes']),
    chunkCount: Number(row['chunks']),
    updatedAt: String(row['updated_at']),
  };
}

function toStoredChunk(row: Row): StoredChunk {
  return {
    ...toChunk(row),
    ...toMarks(row),
    documentId: String(row['name']),
    title: optional(row, 'title'),
    url: optional(row, 'url'),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
  };
}

/** Before blocks were kept, every text but plain text was Markdown. */
function toMarks(row: Row): Pick<TextDocument, 'inline' | 'pages'> {
  const inline = row['inline'] ?? (row['content_type'] === 'text/plain' ? 'none' : 'markdown');
  const pages = optional(row, 'pages');
  return {
    inline: inline as TextDocument['inline'],
    ...(pages !== undefined && { pages: JSON.parse(pages) as NonNullable<TextDocument['pages']> }),
  };
}

function toDetails(packed: Row[string] | undefined): DocumentDetails {
  if (!(packed instanceof Uint8Array)) return { anchors: {}, losses: [] };
  return JSON.parse(inflateRawSync(packed).toString()) as DocumentDetails;
}

function toChunk(row: Row): KeptChunk {
  const blocks = row['blocks'];
  return {
    ordinal: Number(row['ordinal']),
    start: Number(row['start_at']),
    end: Number(row['end_at']),
    text: String(row['text']),
    heading: JSON.parse(String(row['heading'])) as string[],
    context: String(row['context']),
    blocks: blocks instanceof Uint8Array ? blocks : undefined,
  };
}

function optional(row: Row, name: string): string | undefined {
  const value = row[name];
  return value === null || value === undefined ? undefined : String(value);
}
