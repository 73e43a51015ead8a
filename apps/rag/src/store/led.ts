import type { LeadMark } from './lead.ts';
import type { Store } from './store.ts';
import type { VectorStore } from './vectors.ts';

/** The same vectors, whose changes are the work of a lead. */
export function ledVectors(vectors: VectorStore, lead: LeadMark | undefined): VectorStore {
  return {
    ...vectors,
    begin: (set, options) => vectors.begin(set, { ...options, lead }),
    put: (set, some, options) => vectors.put(set, some, { ...options, lead }),
    quarantine: (set, text, options) => vectors.quarantine(set, text, { ...options, lead }),
    keepCheck: (check, options) => vectors.keepCheck(check, { ...options, lead }),
  };
}

type Renewed = Pick<Store, 'replaceReading' | 'reindexNext' | 'listOutdated' | 'getDocument'>;

/** What a renewal needs of a store, whose changes are the work of a lead. */
export function ledRenewal(store: Renewed, lead: LeadMark | undefined): Renewed {
  return {
    listOutdated: (page, options) => store.listOutdated(page, options),
    getDocument: (key, options) => store.getDocument(key, options),
    replaceReading: (document, options) => store.replaceReading(document, { ...options, lead }),
    reindexNext: (options) => store.reindexNext({ ...options, lead }),
  };
}
