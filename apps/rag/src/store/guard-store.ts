import type { Breaker, Outcome, Verdict } from '@xnai/resilience';
import { inSpan } from '@xnai/service/trace';
import type { Store } from './store.ts';
import type { StoreCallOptions } from './store-call.ts';
import { StoreError, type StoreErrorCode } from './store-error.ts';
import type { VectorStore } from './vectors.ts';

/** Every call is a span, and goes through the breaker, which gives it a time limit and refuses it while the store fails. */
export function guardStore(store: Store, breaker: Breaker): Store {
  const guarded: Guarded = (name, { signal, deadline, ...kind } = {}, call) =>
    inSpan(`store ${name}`, { attributes: { 'db.operation.name': name } }, () =>
      breaker.execute((context) => call({ ...context, ...kind }), { signal, deadline }),
    );
  const close = () => store.close();
  const { vectors } = store;
  return {
    vectors: guardVectors(vectors, guarded),
    upsertDocument: (document, options) =>
      guarded('upsertDocument', options, (o) => store.upsertDocument(document, o)),
    replaceReading: (document, options) =>
      guarded('replaceReading', options, (o) => store.replaceReading(document, o)),
    reindexNext: (options) => guarded('reindexNext', options, (o) => store.reindexNext(o)),
    updateMetadata: (key, renewal, options) =>
      guarded('updateMetadata', options, (o) => store.updateMetadata(key, renewal, o)),
    deleteDocument: (key, options) => guarded('deleteDocument', options, (o) => store.deleteDocument(key, o)),
    deleteCollection: (name, options) =>
      guarded('deleteCollection', options, (o) => store.deleteCollection(name, o)),
    getCollection: (name, options) => guarded('getCollection', options, (o) => store.getCollection(name, o)),
    listCollections: (page, options) =>
      guarded('listCollections', options, (o) => store.listCollections(page, o)),
    getDocument: (key, options) => guarded('getDocument', options, (o) => store.getDocument(key, o)),
    getSummary: (key, options) => guarded('getSummary', options, (o) => store.getSummary(key, o)),
    listDocuments: (name, page, options) =>
      guarded('listDocuments', options, (o) => store.listDocuments(name, page, o)),
    listAddresses: (name, page, options) =>
      guarded('listAddresses', options, (o) => store.listAddresses(name, page, o)),
    getAddress: (key, options) => guarded('getAddress', options, (o) => store.getAddress(key, o)),
    listOutdated: (page, options) => guarded('listOutdated', options, (o) => store.listOutdated(page, o)),
    getChunks: (name, refs, options) => guarded('getChunks', options, (o) => store.getChunks(name, refs, o)),
    search: (query, options) => guarded('search', options, (o) => store.search(query, o)),
    termStatistics: (name, terms, options) =>
      guarded('termStatistics', options, (o) => store.termStatistics(name, terms, o)),
    stats: (options) => guarded('stats', options, (o) => store.stats(o)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Guarded = <T>(
  name: string,
  options: StoreCallOptions | undefined,
  call: (options: StoreCallOptions) => Promise<T>,
) => Promise<T>;

function guardVectors(vectors: VectorStore, guarded: Guarded): VectorStore {
  return {
    begin: (set, options) => guarded('vectors.begin', options, (o) => vectors.begin(set, o)),
    discard: (options) => guarded('vectors.discard', options, (o) => vectors.discard(o)),
    pending: (limit, options) => guarded('vectors.pending', options, (o) => vectors.pending(limit, o)),
    put: (set, some, options) => guarded('vectors.put', options, (o) => vectors.put(set, some, o)),
    quarantine: (set, text, options) =>
      guarded('vectors.quarantine', options, (o) => vectors.quarantine(set, text, o)),
    quarantined: (name, limit, options) =>
      guarded('vectors.quarantined', options, (o) => vectors.quarantined(name, limit, o)),
    stats: (name, options) => guarded('vectors.stats', options, (o) => vectors.stats(name, o)),
    keepCheck: (check, options) => guarded('vectors.keepCheck', options, (o) => vectors.keepCheck(check, o)),
    checks: (options) => guarded('vectors.checks', options, (o) => vectors.checks(o)),
    divided: (name, options) => guarded('vectors.divided', options, (o) => vectors.divided(name, o)),
  };
}

/**
 * A full disk stops writes alone: it must not open the breaker and take searches down with it. Nor must a late lead, or a line
 * that is too long, which is no fault of the store.
 */
const IGNORED: ReadonlySet<StoreErrorCode> = new Set([
  'OVERLOADED',
  'STORAGE_FULL',
  'LEAD_LOST',
  'STORE_CLOSED',
  'COLLECTION_NOT_FOUND',
  'VECTOR_UNFIT',
]);

export function classifyStore(outcome: Outcome): Verdict | undefined {
  const error = 'error' in outcome ? outcome.error : undefined;
  if (!(error instanceof StoreError)) return undefined;
  return IGNORED.has(error.code) ? 'ignored' : 'failure';
}
