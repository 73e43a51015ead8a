import type { StoreHit } from '../store/store.ts';

export interface JoinedHit extends StoreHit {
  /** How many further hits have the same text. */
  readonly copies: number;
}

/** Hits, best first, without those whose text a better one has: copies would take the places of everything else. */
export function joinCopies(hits: readonly StoreHit[]): JoinedHit[] {
  const counts = new Map<string, number>();
  for (const { chunk } of hits) counts.set(chunk.text, (counts.get(chunk.text) ?? 0) + 1);
  const seen = new Set<string>();
  return hits.flatMap((hit) => {
    const { text } = hit.chunk;
    if (seen.has(text)) return [];
    seen.add(text);
    return { ...hit, copies: (counts.get(text) ?? 1) - 1 };
  });
}
