import type { Breaker, Outcome, Verdict } from '@xnai/resilience';
import type { Store, StoreCallOptions } from './store.ts';
import { StoreError, type StoreErrorCode } from './store-error.ts';

/** Every call goes through the breaker, which gives it a time limit and refuses it while the store fails. */
export function guardStore(store: Store, breaker: Breaker): Store {
  const guarded = <T>(
    { signal, deadline }: StoreCallOptions = {},
    call: (options: StoreCallOptions) => Promise<T>,
  ): Promise<T> => breaker.execute((context) => call(context), { signal, deadline });
  const close = () => store.close();
  return {
    dimensions: store.dimensions,
    upsertDocument: (document, options) => guarded(options, (o) => store.upsertDocument(document, o)),
    replaceReading: (document, options) => guarded(options, (o) => store.replaceReading(document, o)),
    reindexNext: (options) => guarded(options, (o) => store.reindexNext(o)),
    updateMetadata: (key, renewal, options) => guarded(options, (o) => store.updateMetadata(key, renewal, o)),
    deleteDocument: (key, options) => guarded(options, (o) => store.deleteDocument(key, o)),
    deleteCollection: (name, options) => guarded(options, (o) => store.deleteCollection(name, o)),
    getCollection: (name, options) => guarded(options, (o) => store.getCollection(name, o)),
    listCollections: (page, options) => guarded(options, (o) => store.listCollections(page, o)),
    getDocument: (key, options) => guarded(options, (o) => store.getDocument(key, o)),
    getSummary: (key, options) => guarded(options, (o) => store.getSummary(key, o)),
    listDocuments: (name, page, options) => guarded(options, (o) => store.listDocuments(name, page, o)),
    listAddresses: (name, page, options) => guarded(options, (o) => store.listAddresses(name, page, o)),
    getAddress: (key, options) => guarded(options, (o) => store.getAddress(key, o)),
    listOutdated: (page, options) => guarded(options, (o) => store.listOutdated(page, o)),
    getChunks: (name, refs, options) => guarded(options, (o) => store.getChunks(name, refs, o)),
    search: (query, options) => guarded(options, (o) => store.search(query, o)),
    termStatistics: (name, terms, options) => guarded(options, (o) => store.termStatistics(name, terms, o)),
    stats: (options) => guarded(options, (o) => store.stats(o)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A full disk stops writes alone: it must not open the breaker and take searches down with it. */
const IGNORED: ReadonlySet<StoreErrorCode> = new Set([
  'STORAGE_FULL',
  'STORE_CLOSED',
  'COLLECTION_NOT_FOUND',
]);

export function classifyStore(outcome: Outcome): Verdict | undefined {
  const error = 'error' in outcome ? outcome.error : undefined;
  if (!(error instanceof StoreError)) return undefined;
  return IGNORED.has(error.code) ? 'ignored' : 'failure';
}
