import type { DegradedToken, Filter, Retrieval, RetrievalMode } from '@xnai/contracts';
import type { CallOptions, StoredChunk } from './store/store.ts';

/** Finds the chunks that speak to a question, best first. */
export type Retrieve = (request: RetrieveRequest, options?: CallOptions) => Promise<Retrieved>;

export interface RetrieveRequest {
  readonly query: string;
  readonly collection: string;
  readonly topK: number;
  readonly mode: RetrievalMode;
  readonly filter?: Filter | undefined;
}

export interface Retrieved {
  readonly results: readonly RetrievedChunk[];
  readonly retrieval: Retrieval;
  readonly degraded: readonly DegradedToken[];
}

export interface RetrievedChunk {
  readonly chunk: StoredChunk;
  /** Higher is better. */
  readonly score: number;
}
