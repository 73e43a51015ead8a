import type { VectorSet, VectorSetStats, VectorStats } from '../store/vectors.ts';

/**
 * Chunks without a vector are found by their words alone. With fewer vectors than this, the order would follow what
 * happens to be embedded; with more asked for, each new document would turn the search of a large collection back to
 * words alone for a while. Chosen, not measured.
 */
export const NEARLY_ALL = 0.9;

/** Of the chunks that can be embedded, those that have a vector in the set: from 0 to 1. */
export function embeddedShare(set: VectorSet, stats: VectorStats): number {
  const found = statsOfSet(set, stats);
  if (found === undefined) return 0;
  return found.pending === 0 ? 1 : found.embedded / (found.embedded + found.pending);
}

/** A set is searched while it is made, too. */
export function statsOfSet({ id }: VectorSet, { made, searched }: VectorStats): VectorSetStats | undefined {
  return [made, searched].find((stats) => stats?.id === id);
}
