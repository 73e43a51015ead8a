import { type Address, AddressList, AddressQuery, AddressWithLinks, CollectionName } from '@xnai/contracts';
import type { App } from '@xnai/service';
import { z } from 'zod';
import type { Address as StoredAddress } from '../store/address.ts';
import type { Store } from '../store/store.ts';
import { readPage } from './cursor.ts';
import { DocumentParams } from './documents.ts';
import { noDocument } from './not-there.ts';

const config = { scope: ['query', 'ingest', 'web'] } as const;

/** The addresses of the pages of the web that a collection holds: what a crawl asks for before it crawls again. */
export function addressRoutes(app: App, { store }: { readonly store: Store }): void {
  app.get(
    '/v1/collections/:collection/addresses',
    {
      config,
      schema: {
        summary: 'Addresses of pages of the web, aliases too, by id',
        params: z.object({ collection: CollectionName }),
        querystring: AddressQuery,
        response: { 200: AddressList },
      },
    },
    async ({ params, query: { prefix, ...query }, signal }) => {
      const list = (page: { after: string | undefined; limit: number }) =>
        store.listAddresses(params.collection, { ...page, prefix }, { signal });
      const { items, nextCursor } = await readPage(query, list, ({ id }) => id);
      return { addresses: items.map(toWire), next_cursor: nextCursor };
    },
  );

  app.get(
    '/v1/collections/:collection/addresses/:id',
    {
      config,
      schema: {
        summary: 'An address with the links of its page',
        params: DocumentParams,
        response: { 200: AddressWithLinks },
      },
    },
    async ({ params, signal }) => {
      const found = await store.getAddress(params, { signal });
      if (found === undefined) throw noDocument(params);
      return { ...toWire(found), links: found.links === undefined ? null : [...found.links] };
    },
  );
}

function toWire(address: StoredAddress): Address {
  return {
    id: address.id,
    url: address.url,
    document_id: address.documentId,
    content_hash: address.contentHash,
    metadata: address.metadata,
    updated_at: address.updatedAt,
  };
}
