import type { DocumentKey } from '../document-key.ts';
import { toHex } from '../embedded-text.ts';
import { toNamed } from '../named.ts';
import type { ExportedAlias, ExportedDocument } from '../transfer.ts';
import type { TextVector } from '../vectors.ts';
import type { Db } from './db.ts';
import { readDocument } from './read.ts';
import { linksOf } from './read-addresses.ts';
import { livingSets, tableOf } from './vector-sets.ts';

const SELECT_PLACE = `SELECT * FROM documents
  WHERE collection = (SELECT id FROM collections WHERE name = $1) AND name = $2`;

/** A document with all that is kept of it. Undefined where the key is not its own. */
export async function exportDocument(db: Db, key: DocumentKey): Promise<ExportedDocument | undefined> {
  const place = await db.get(SELECT_PLACE, key.collection, key.id);
  if (place === undefined) return undefined;
  const {
    bytes: _bytes,
    chunkCount: _chunks,
    isOutdated: _outdated,
    aliasCount: _aliases,
    ...kept
  } = await readDocument(db, place, key.collection);
  const collection = Number(place['collection']);
  return {
    ...kept,
    blocksVersion: Number(place['blocks_version']),
    links: await linksOf(db, collection, key.id),
    aliases: await aliases(db, collection, Number(place['id'])),
  };
}

async function aliases(db: Db, collection: number, document: number): Promise<ExportedAlias[]> {
  const rows = await db.all('SELECT * FROM aliases WHERE document = $1 ORDER BY name', document);
  const found: ExportedAlias[] = [];
  for (const { name, title, ...alias } of rows.map(toNamed)) {
    const links = await linksOf(db, collection, name);
    found.push({ id: name, title: title ?? undefined, ...alias, links });
  }
  return found;
}

/** As far as they are kept: in halves of floats, and with length 1. */
export async function documentVectors(
  db: Db,
  name: string,
  key: DocumentKey,
): Promise<readonly TextVector[]> {
  const set = (await livingSets(db)).find(({ id }) => id === name);
  const place = await db.get(SELECT_PLACE, key.collection, key.id);
  if (set === undefined || place === undefined) return [];
  const sql = `SELECT DISTINCT ON (c.text_hash) c.text_hash, v.embedding::text AS embedding, v.is_divided FROM chunks c
    JOIN ${tableOf(set)} v ON v.chunk = c.id WHERE c.document = $1`;
  return (await db.all(sql, place['id'])).map((row) => ({
    hash: toHex(row['text_hash']),
    vector: Float32Array.from(JSON.parse(String(row['embedding'])) as number[]),
    ...(row['is_divided'] === true && { isDivided: true }),
  }));
}
