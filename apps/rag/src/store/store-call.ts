import type { Deadline } from '@xnai/resilience';

export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: Deadline | undefined;
}

export interface ChunkRef {
  readonly documentId: string;
  readonly ordinal: number;
}
