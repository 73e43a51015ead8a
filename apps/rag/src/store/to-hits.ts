import { joinCopies } from './join-copies.ts';
import type { StoredChunk, StoreHit, StoreQuery } from './store.ts';

/** A chunk that was found, by its number. */
export interface Scored {
  readonly id: number;
  readonly score: number;
}

export function toHits(
  found: readonly Scored[],
  chunks: ReadonlyMap<number, StoredChunk>,
  { k, joinAmong }: StoreQuery,
): readonly StoreHit[] {
  const hits = found.flatMap(({ id, score }) => {
    const chunk = chunks.get(id);
    return chunk === undefined ? [] : [{ chunk, score }];
  });
  return (joinAmong === undefined ? hits : joinCopies(hits)).slice(0, k);
}
