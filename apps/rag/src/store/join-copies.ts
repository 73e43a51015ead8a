import type { StoreHit } from './store.ts';

/** A passage that several pages share may be wanted as part of any of them. */
const MOST_EQUAL = 2;

/** Leaves out hits, which come best first, whose text better ones have: copies would take the places of everything else. */
export function joinCopies(hits: readonly StoreHit[]): StoreHit[] {
  const equal = Map.groupBy(hits, ({ chunk }) => chunk.text);
  return hits.flatMap((hit) => {
    const group = equal.get(hit.chunk.text) ?? [];
    const place = group.indexOf(hit);
    if (place >= MOST_EQUAL) return [];
    const copies = group.length - MOST_EQUAL;
    return place === 0 && copies > 0 ? { ...hit, copies } : hit;
  });
}
