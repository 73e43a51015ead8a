import { createHash } from 'node:crypto';
import type { Metadata } from '@xnai/contracts';
import type { Address } from './address.ts';
import type { NewDocument } from './store.ts';
import type { Row } from './stored-chunk.ts';

/** SHA-256, hex, of the text of a page of the web; undefined for a document that is never joined with another. */
export function textHashOf({ text, url, metadata }: NewDocument): string | undefined {
  if (metadata['trust'] !== 'web' || url === undefined) return undefined;
  return createHash('sha256').update(text).digest('hex');
}

/** A row of `documents` or `aliases`: what an address says of itself. */
export interface Named {
  readonly name: string;
  readonly url: string;
  readonly title: string | null;
  readonly contentHash: string;
  readonly metadata: Metadata;
  readonly updatedAt: string;
}

export function toNamed(row: Row): Named {
  return {
    name: String(row['name']),
    url: String(row['url']),
    title: row['title'] === null ? null : String(row['title']),
    contentHash: String(row['content_hash']),
    metadata: JSON.parse(String(row['metadata'])) as Metadata,
    updatedAt: String(row['updated_at']),
  };
}

/** `holder`: the name of the document that keeps the text. */
export function toAddress(row: Row, collection: string): Address {
  const { name, url, contentHash, metadata, updatedAt } = toNamed(row);
  return {
    collection,
    id: name,
    url,
    documentId: String(row['holder']),
    contentHash,
    metadata,
    updatedAt,
  };
}

/** The address that a document is put under, at a time in ISO 8601. */
export function namedBy({ id, url, title, contentHash, metadata }: NewDocument, at: string): Named {
  return { name: id, url: url ?? '', title: title ?? null, contentHash, metadata, updatedAt: at };
}
