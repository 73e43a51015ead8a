import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ContentType, IngestResult, Metadata } from '@xnai/contracts';
import { ParseError } from '@xnai/text';
import type { DocumentKey, Store, StoreCallOptions } from '../store/store.ts';
import type { Parser } from './parser.ts';

/** Puts a document into its collection: parsed, chunked and stored as one. */
export type Ingest = (document: IncomingDocument, options?: StoreCallOptions) => Promise<Ingested>;

export interface IncomingDocument extends DocumentKey {
  readonly content: string;
  readonly contentType: ContentType;
  readonly title?: string | undefined;
  readonly url?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

export interface Ingested extends IngestResult {
  readonly created: boolean;
}

export interface IngestDeps {
  readonly store: Store;
  readonly parser: Parser;
}

/**
 * Idempotent by content hash: the same content, type, title and url again is `unchanged` and not parsed; metadata
 * that differs is still replaced. Two writes of one document come one after the other.
 */
export function createIngest({ store, parser }: IngestDeps): Ingest {
  const inTurn = createTurnsByKey();
  return (document, options = {}) =>
    inTurn(`${document.collection}/${document.id}`, async () => {
      options.signal?.throwIfAborted();
      const contentHash = hashContent(document);
      const unchanged = await keepUnchanged(store, document, contentHash, options);
      return unchanged ?? (await replace({ store, parser }, document, contentHash, options));
    });
}

/** SHA-256, hex, of everything that decides what is stored and indexed. */
function hashContent({
  content,
  contentType,
  title,
  url,
}: Omit<IncomingDocument, keyof DocumentKey>): string {
  return createHash('sha256')
    .update(JSON.stringify([contentType, title ?? null, url ?? null]))
    .update('\0')
    .update(content)
    .digest('hex');
}

async function keepUnchanged(
  store: Store,
  document: IncomingDocument,
  contentHash: string,
  options: StoreCallOptions,
): Promise<Ingested | undefined> {
  const { collection, id, metadata = {} } = document;
  const known = await store.getSummary({ collection, id }, options);
  if (known?.contentHash !== contentHash) return undefined;
  if (!isDeepStrictEqual({ ...known.metadata }, { ...metadata })) {
    const isThere = await store.updateMetadata({ collection, id }, metadata, options);
    if (!isThere) return undefined;
  }
  return {
    id,
    collection,
    status: 'unchanged',
    chunks: known.chunkCount,
    content_hash: contentHash,
    created: false,
  };
}

async function replace(
  { store, parser }: IngestDeps,
  document: IncomingDocument,
  contentHash: string,
  options: StoreCallOptions,
): Promise<Ingested> {
  const { collection, id, content, contentType, url, metadata = {} } = document;
  const { text, title, chunks } = await parser.parse(content, contentType, options);
  if (chunks.length === 0) {
    throw new ParseError('DOCUMENT_NOT_READABLE', { detail: 'There is no text in the document' });
  }
  const { created } = await store.upsertDocument(
    { collection, id, title: document.title ?? title, url, contentType, contentHash, metadata, text, chunks },
    options,
  );
  return { id, collection, status: 'indexed', chunks: chunks.length, content_hash: contentHash, created };
}

function createTurnsByKey() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = last.get(key);
    const turn = before === undefined ? work() : before.then(work, work);
    last.set(key, turn);
    try {
      return await turn;
    } finally {
      if (last.get(key) === turn) last.delete(key);
    }
  };
}
