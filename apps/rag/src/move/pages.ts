import type { Address } from '../store/address.ts';
import type { DocumentRecord } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { TransferSource } from '../store/transfer.ts';

type Listed = Pick<TransferSource, 'listCollections' | 'listDocuments'>;

const PAGE = 100;

/** The names of all collections. */
export async function* collectionsOf(store: Listed, signal: AbortSignal): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const page = await store.listCollections({ after, limit: PAGE }, { signal });
    for (const { name } of page) yield name;
    after = page.length < PAGE ? undefined : page.at(-1)?.name;
  } while (after !== undefined);
}

/** The documents of a collection, some at a time; none of one that is not there. */
export async function* documentsOf(
  store: Listed,
  collection: string,
  signal: AbortSignal,
): AsyncGenerator<readonly DocumentRecord[]> {
  let after: string | undefined;
  do {
    const page = await listIfThere(store, collection, { after, limit: PAGE }, signal);
    if (page.length > 0) yield page;
    after = page.length < PAGE ? undefined : page.at(-1)?.id;
  } while (after !== undefined);
}

/** The documents of all collections, at most `size` at a time. */
export async function* everyDocument(
  store: Listed,
  signal: AbortSignal,
  size = PAGE,
): AsyncGenerator<readonly DocumentRecord[]> {
  for await (const collection of collectionsOf(store, signal)) {
    for await (const page of documentsOf(store, collection, signal)) {
      for (let at = 0; at < page.length; at += size) yield page.slice(at, at + size);
    }
  }
}

/** The addresses of all collections under which a text was found that another one keeps. */
export async function* everyAlias(
  store: Listed & Pick<TransferSource, 'listAddresses'>,
  signal: AbortSignal,
): AsyncGenerator<Address> {
  for await (const collection of collectionsOf(store, signal)) {
    let after: string | undefined;
    do {
      const page = await store.listAddresses(collection, { after, limit: PAGE }, { signal });
      yield* page.filter(({ id, documentId }) => id !== documentId);
      after = page.length < PAGE ? undefined : page.at(-1)?.id;
    } while (after !== undefined);
  }
}

async function listIfThere(
  store: Listed,
  collection: string,
  page: Parameters<Listed['listDocuments']>[1],
  signal: AbortSignal,
) {
  try {
    return await store.listDocuments(collection, page, { signal });
  } catch (error) {
    if (error instanceof StoreError && error.code === 'COLLECTION_NOT_FOUND') return [];
    throw error;
  }
}
