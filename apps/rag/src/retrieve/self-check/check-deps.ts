import type { Embedder } from '@xnai/inference';
import type { Store } from '../../store/store.ts';
import type { VectorStore } from '../../store/vectors.ts';

export interface CheckDeps {
  readonly store: Pick<
    Store,
    'search' | 'termStatistics' | 'listDocuments' | 'getCollection' | 'getChunks'
  > & { readonly vectors: Pick<VectorStore, 'quarantined'> };
  readonly embedder: Pick<Embedder, 'embed'>;
  /** Resolves when there is time for one more question. */
  readonly untilFree: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}
