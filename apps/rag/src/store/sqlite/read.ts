import { statSync } from 'node:fs';
import type { ContentType, Filter, Metadata } from '@xnai/contracts';
import type { Chunk } from '@xnai/text';
import type {
  ChunkRef,
  CollectionStats,
  DocumentKey,
  DocumentRecord,
  ListPage,
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
    const row = db.get(SELECT_DOCUMENT, key.collection, key.id);
    if (row === undefined) return undefined;
    const rows = db.all('SELECT * FROM chunks WHERE document = ? ORDER BY ordinal', Number(row['id']));
    const text = rows.map((part) => `${part['lead']}${part['text']}`).join('') + String(row['tail']);
    return { ...toRecord(row, key.collection), text, chunks: rows.map(toChunk) };
  },

  listDocuments: (db: Database, collection: string, { after, limit }: ListPage): DocumentRecord[] => {
    const id = collectionId(db, collection);
    const sql = 'SELECT * FROM documents WHERE collection = ? AND name > ? ORDER BY name LIMIT ?';
    return db.all(sql, id, after ?? '', limit).map((row) => toRecord(row, collection));
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
    const number = (name: string) => Number(row?.[name] ?? 0);
    return {
      collections: number('collections'),
      documents: number('documents'),
      chunks: number('chunks'),
      fileBytes: statSync(path).size,
    };
  },
};

const SELECT_COLLECTION = 'SELECT name, documents, chunks, bytes, updated_at FROM collections';
const SELECT_DOCUMENT = `SELECT * FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?`;
const SELECT_CHUNK = `SELECT d.name, d.title, d.url, d.metadata,
  c.ordinal, c.start_at, c.end_at, c.text, c.heading, c.context FROM documents d`;

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
    contentType: String(row['content_type']) as ContentType,
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
    documentId: String(row['name']),
    title: optional(row, 'title'),
    url: optional(row, 'url'),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
  };
}

function toChunk(row: Row): Chunk {
  return {
    ordinal: Number(row['ordinal']),
    start: Number(row['start_at']),
    end: Number(row['end_at']),
    text: String(row['text']),
    heading: JSON.parse(String(row['heading'])) as string[],
    context: String(row['context']),
  };
}

function optional(row: Row, name: string): string | undefined {
  const value = row[name];
  return value === null || value === undefined ? undefined : String(value);
}
