import type { ChunkRef } from '../../store/store-call.ts';

/** Of a chunk in its collection. */
export function keyOf({ documentId, ordinal }: ChunkRef): string {
  return `${ordinal} ${documentId}`;
}
