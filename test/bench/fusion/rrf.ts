import type { StoreHit } from '@xnai/rag/store';

/** Reciprocal rank fusion, to compare with: each leg gives a document 1 / (60 + its rank). */
export function reciprocalRanks(legs: readonly (readonly StoreHit[])[]): readonly StoreHit[] {
  const fused = new Map<string, StoreHit>();
  for (const leg of legs) {
    for (const [at, { chunk }] of leg.entries()) {
      const score = (fused.get(chunk.documentId)?.score ?? 0) + 1 / (61 + at);
      fused.set(chunk.documentId, { chunk, score });
    }
  }
  return [...fused.values()].sort((a, b) => b.score - a.score);
}
