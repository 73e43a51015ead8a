import { Collection, CollectionList, CollectionName, PageQuery } from '@xnai/contracts';
import type { App } from '@xnai/service';
import { chunkId } from '@xnai/text';
import { z } from 'zod';
import type { CollectionStats, Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { QuarantinedChunk, VectorStats } from '../store/vectors.ts';
import { readPage } from './cursor.ts';
import { noCollection } from './not-there.ts';

const Params = z.object({ collection: CollectionName });

export function collectionRoutes(app: App, { store }: { readonly store: Store }): void {
  app.get(
    '/v1/collections',
    {
      config: { scope: 'query' },
      schema: { summary: 'All collections', querystring: PageQuery, response: { 200: CollectionList } },
    },
    async ({ query, signal }) => {
      const list = (page: Parameters<Store['listCollections']>[0]) => store.listCollections(page, { signal });
      const { items, nextCursor } = await readPage(query, list, ({ name }) => name);
      const collections = await Promise.all(items.map((item) => withVectors(store, item)));
      return { collections, next_cursor: nextCursor };
    },
  );

  app.get(
    '/v1/collections/:collection',
    {
      config: { scope: 'query' },
      schema: { summary: 'One collection', params: Params, response: { 200: Collection } },
    },
    async ({ params, signal }) => await readCollection(store, params.collection, signal),
  );

  app.delete(
    '/v1/collections/:collection',
    {
      config: { scope: 'ingest', audit: { what: 'collection.delete' } },
      schema: {
        summary: 'Delete a collection with its documents',
        params: Params,
        response: { 204: z.null() },
      },
    },
    async ({ params, signal }, reply) => {
      const wasThere = await store.deleteCollection(params.collection, { signal });
      if (!wasThere) throw noCollection(params.collection);
      return reply.code(204).send(null);
    },
  );
}

/** @throws {ServiceError} COLLECTION_NOT_FOUND */
export async function readCollection(store: Store, name: string, signal: AbortSignal): Promise<Collection> {
  const found = await store.getCollection(name, { signal });
  if (found === undefined) throw noCollection(name);
  const quarantined = await store.vectors
    .quarantined(name, MOST_NAMED, { signal })
    .catch(noneWhereDeleted([]));
  return { ...(await withVectors(store, found)), quarantined: quarantined.map(toQuarantined) };
}

async function withVectors(
  { vectors }: Pick<Store, 'vectors'>,
  { name, documents, chunks, bytes, updatedAt }: CollectionStats,
): Promise<Collection> {
  const [{ made }, divided] = await Promise.all([vectors.stats(name), vectors.divided(name)]).catch(
    noneWhereDeleted<readonly [Pick<VectorStats, 'made'>, number]>([{ made: undefined }, 0]),
  );
  return {
    name,
    documents,
    chunks,
    bytes,
    updated_at: updatedAt,
    embedding_model: made?.model ?? null,
    embedding_dimensions: made?.dimensions ?? null,
    embedded_chunks: made?.embedded ?? 0,
    divided_chunks: divided,
    quarantined_chunks: made?.quarantined ?? 0,
  };
}

/** As many as a person reads. */
const MOST_NAMED = 20;

function toQuarantined({ documentId, ordinal, reason }: QuarantinedChunk) {
  return { document_id: documentId, chunk_id: chunkId(documentId, ordinal), reason };
}

/** A collection may be deleted while it is listed. */
function noneWhereDeleted<T>(none: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof StoreError && error.code === 'COLLECTION_NOT_FOUND') return none;
    throw error;
  };
}
