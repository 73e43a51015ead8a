import type { Deadline } from '@xnai/resilience';
import type { LeadMark } from './lead.ts';

export interface StoreCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly deadline?: Deadline | undefined;
  /** Of a change that a lead makes in the background. Default: it is anybody's. */
  readonly lead?: LeadMark | undefined;
  /** Of a check of `/readyz`, which must not wait behind what clients ask for. Default: it waits in line. */
  readonly isCheck?: boolean | undefined;
}

export interface ChunkRef {
  readonly documentId: string;
  readonly ordinal: number;
}
