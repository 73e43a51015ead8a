import type { DocumentKey } from '../document-key.ts';
import { toHex } from '../embedded-text.ts';
import type { StoredDocument } from '../store.ts';
import { optional } from '../stored-chunk.ts';
import type { ExportedAlias, ExportedDocument } from '../transfer.ts';
import type { TextVector } from '../vectors.ts';
import type { Database, Row } from './database.ts';
import { dequantise } from './quantise.ts';
import { linksOf } from './read-addresses.ts';
import { findEntries } from './vector-blocks.ts';
import { livingSets } from './vector-sets.ts';

const SELECT_PLACE = `SELECT id, collection, blocks_version FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = ?) AND name = ?`;

/** Adds to a document, as it is read, what else is kept of it. Undefined where the key is not its own. */
export function toExported(
  db: Database,
  key: DocumentKey,
  document: StoredDocument,
): ExportedDocument | undefined {
  const place = db.get(SELECT_PLACE, key.collection, key.id);
  if (place === undefined) return undefined;
  const {
    bytes: _bytes,
    chunkCount: _chunks,
    isOutdated: _outdated,
    aliasCount: _aliases,
    ...kept
  } = document;
  return {
    ...kept,
    blocksVersion: Number(place['blocks_version']),
    links: linksOf(db, Number(place['collection']), key.id),
    aliases: db
      .all('SELECT * FROM aliases WHERE document = ? ORDER BY name', Number(place['id']))
      .map((row) => toAlias(db, row)),
  };
}

function toAlias(db: Database, row: Row): ExportedAlias {
  const id = String(row['name']);
  return {
    id,
    url: String(row['url']),
    title: optional(row, 'title'),
    contentHash: String(row['content_hash']),
    metadata: JSON.parse(String(row['metadata'])) as ExportedAlias['metadata'],
    updatedAt: String(row['updated_at']),
    links: linksOf(db, Number(row['collection']), id),
  };
}

/** As far as they are kept: the sign and the magnitude of each number. */
export function documentVectors(db: Database, set: string, key: DocumentKey): readonly TextVector[] {
  const living = livingSets(db).find(({ id }) => id === set);
  const place = db.get(SELECT_PLACE, key.collection, key.id);
  if (living === undefined || place === undefined) return [];
  const rows = db.all('SELECT id, text_hash FROM chunks WHERE document = ?', Number(place['id']));
  const hashes = new Map(rows.map((row) => [Number(row['id']), row['text_hash']]));
  const entries = findEntries(db, Number(place['collection']), new Set(hashes.keys())).get(living.row) ?? [];
  const found = new Map<string, TextVector>();
  for (const { chunk, vector, bits } of entries) {
    const row = db.get('SELECT magnitudes, is_divided FROM vectors WHERE id = ?', vector);
    const magnitudes = row?.['magnitudes'];
    if (!(magnitudes instanceof Uint8Array)) continue;
    const hash = toHex(hashes.get(chunk));
    const values = dequantise({ bits, magnitudes }, living.dimensions);
    found.set(hash, { hash, vector: values, isDivided: row?.['is_divided'] === 1 });
  }
  return [...found.values()];
}
