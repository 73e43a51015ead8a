import {
  CollectionName,
  Document,
  DocumentId,
  DocumentList,
  type DocumentSummary,
  PageQuery,
} from '@xnai/contracts';
import type { Resource } from '@xnai/resilience';
import { type App, ServiceError } from '@xnai/service';
import { chunkId } from '@xnai/text';
import { z } from 'zod';
import { blocksOf } from '../blocks/reading.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { DocumentKey } from '../store/document-key.ts';
import type { DocumentRecord, Store, StoredDocument } from '../store/store.ts';
import { readPage } from './cursor.ts';
import { noCollection, noDocument } from './not-there.ts';
import { isForWebOnly, READ_SCOPES, WRITE_SCOPES } from './web-scope.ts';

export interface DocumentDeps {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly memory: Pick<Resource, 'admit'>;
}

const CollectionParams = z.object({ collection: CollectionName });
export const DocumentParams = z.object({ collection: CollectionName, id: DocumentId });

export function documentRoutes(app: App, { store }: Pick<DocumentDeps, 'store'>): void {
  addList(app, store);
  addGet(app, store);
  addDelete(app, store);
}

function addList(app: App, store: Store): void {
  app.get(
    '/v1/collections/:collection/documents',
    {
      config: { scope: 'query' },
      schema: {
        summary: 'Documents of a collection, by id',
        params: CollectionParams,
        querystring: PageQuery,
        response: { 200: DocumentList },
      },
    },
    async ({ params, query, signal }) => {
      const list = (page: Parameters<Store['listDocuments']>[1]) =>
        store.listDocuments(params.collection, page, { signal });
      const { items, nextCursor } = await readPage(query, list, ({ id }) => id);
      return { documents: items.map(toSummary), next_cursor: nextCursor };
    },
  );
}

function addGet(app: App, store: Store): void {
  app.get(
    '/v1/collections/:collection/documents/:id',
    {
      config: { scope: READ_SCOPES },
      schema: {
        summary: 'A document with its stored text, blocks and chunks',
        params: DocumentParams,
        response: { 200: Document },
      },
    },
    async ({ params, signal, caller }) => {
      if (caller?.scopes.includes('query') !== true) await requireWebPage(store, params, signal);
      const found = await store.getDocument(params, { signal });
      return found === undefined ? throwNotFound(store, params, signal) : toDocument(found);
    },
  );
}

function addDelete(app: App, store: Store): void {
  app.delete(
    '/v1/collections/:collection/documents/:id',
    {
      config: { scope: WRITE_SCOPES, audit: { what: 'document.delete' } },
      schema: {
        summary: 'Delete a document; where other pages have its text, one of its aliases takes its place',
        params: DocumentParams,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { params, signal } = request;
      if (isForWebOnly(request)) await requireWebPage(store, params, signal);
      const wasThere = await store.deleteDocument(params, { signal });
      if (!wasThere) await throwNotFound(store, params, signal);
      return reply.code(204).send(null);
    },
  );
}

/** @throws {ServiceError} DOCUMENT_NOT_WEB for a document that did not come from the web */
async function requireWebPage(store: Store, key: DocumentKey, signal: AbortSignal): Promise<void> {
  if ((await store.getAddress(key, { signal })) !== undefined) return;
  if ((await store.getSummary(key, { signal })) !== undefined) throw new ServiceError('DOCUMENT_NOT_WEB');
}

async function throwNotFound(store: Store, key: DocumentKey, signal: AbortSignal): Promise<never> {
  const known = await store.getCollection(key.collection, { signal });
  throw known === undefined ? noCollection(key.collection) : noDocument(key);
}

function toSummary(record: DocumentRecord): DocumentSummary {
  return {
    id: record.id,
    collection: record.collection,
    title: record.title ?? null,
    url: record.url ?? null,
    content_type: record.contentType,
    content_hash: record.contentHash,
    bytes: record.bytes,
    chunks: record.chunkCount,
    metadata: record.metadata,
    updated_at: record.updatedAt,
  };
}

function toDocument(document: StoredDocument): Document {
  const chunks = document.chunks.map(({ ordinal, heading, text, start, end }) => ({
    chunk_id: chunkId(document.id, ordinal),
    heading: [...heading],
    text,
    start,
    end,
  }));
  const { text, inline, pages, details, isOutdated } = document;
  const { language, anchors, losses } = details;
  return {
    ...toSummary(document),
    text,
    aliases: [...document.aliases],
    alias_count: document.aliasCount,
    inline,
    ...(language !== undefined && { language }),
    ...(blocksOf(document) ?? { blocks: [], tables: [] }),
    anchors,
    ...(pages !== undefined && { pages }),
    losses,
    chunks,
    ...(isOutdated && { outdated: true }),
  };
}
