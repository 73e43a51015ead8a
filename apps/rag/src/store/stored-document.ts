import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Metadata } from '@xnai/contracts';
import type { DocumentDetails } from '../blocks/reading.ts';
import type { CollectionStats, DocumentRecord } from './store.ts';
import { optional, type Row } from './stored-chunk.ts';

export function toRecord(row: Row, collection: string): DocumentRecord {
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

export function toDetails(packed: unknown): DocumentDetails {
  if (!(packed instanceof Uint8Array)) return { anchors: {}, losses: [] };
  return JSON.parse(inflateRawSync(packed).toString()) as DocumentDetails;
}

/** Anchors of a long page are many, and much alike. */
export function packDetails({ language, anchors, losses }: DocumentDetails): Uint8Array | null {
  const isEmpty = language === undefined && losses.length === 0 && Object.keys(anchors).length === 0;
  return isEmpty ? null : deflateRawSync(JSON.stringify({ language, anchors, losses }));
}

export function packLinks(links: readonly string[]): Uint8Array {
  return deflateRawSync(links.join('\n'));
}

/** Undefined where there are none. */
export function unpackLinks(packed: unknown): string[] | undefined {
  if (!(packed instanceof Uint8Array)) return undefined;
  const text = inflateRawSync(packed).toString();
  return text === '' ? [] : text.split('\n');
}

export function toCollection(row: Row): CollectionStats {
  return {
    name: String(row['name']),
    documents: Number(row['documents']),
    chunks: Number(row['chunks']),
    bytes: Number(row['bytes']),
    updatedAt: String(row['updated_at']),
    generation: String(row['generation']),
  };
}
