import type { StoreHit } from '../store/store.ts';

/** From the paper that introduced it; larger values flatten the difference between ranks. */
const RANK_CONSTANT = 60;

/**
 * Reciprocal rank fusion: each leg gives a chunk 1 / (60 + its rank). One leg alone keeps its own scores.
 * Source: Cormack, Clarke, Buettcher, "Reciprocal Rank Fusion outperforms Condorcet", SIGIR 2009.
 */
export function fuse(legs: readonly (readonly StoreHit[])[]): StoreHit[] {
  const filled = legs.filter((leg) => leg.length > 0);
  if (filled.length <= 1) return [...(filled[0] ?? [])];
  const fused = new Map<string, StoreHit>();
  for (const leg of filled) {
    leg.forEach(({ chunk }, index) => {
      const id = `${chunk.documentId}#${chunk.ordinal}`;
      const score = (fused.get(id)?.score ?? 0) + 1 / (RANK_CONSTANT + index + 1);
      fused.set(id, { chunk, score });
    });
  }
  // Sorting is stable: at equal scores the order of the first leg decides.
  return [...fused.values()].sort((a, b) => b.score - a.score);
}
