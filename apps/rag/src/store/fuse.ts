interface Scored {
  readonly score: number;
}

/** What the dense leg weighs in fusion. */
export interface DenseShare {
  /** From 0, lexical search alone, to 1, dense search alone. */
  readonly weight: number;
  /** By how much the best cosine of a question exceeds the last, on average. Default: as for this question. */
  readonly spread?: number | undefined;
}

/**
 * Convex fusion: a chunk's score is `1 - weight` times its share of the best lexical score, plus `weight` times how far
 * its cosine stands out of those of the last chunk found. BM25 has a true zero; cosines have none that means anything.
 * The average spread tells a question that the dense leg knows no answer to, whose cosines are all alike. A chunk that
 * one leg alone found keeps what that leg gives. A leg that is alone, by the weight or because the other found nothing,
 * keeps its own scores.
 * Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", ACM TOIS 2023; the zeros and the
 * spread: `npm run bench -- fusion`.
 *
 * @param keyOf is the same for the hits of both legs that are one chunk
 */
export function fuse<Hit extends Scored>(
  lexical: readonly Hit[],
  dense: readonly Hit[],
  { weight, spread }: DenseShare,
  keyOf: (hit: Hit) => unknown,
): Hit[] {
  if (dense.length === 0 || weight === 0) return [...lexical];
  if (lexical.length === 0 || weight === 1) return [...dense];
  const last = dense.at(-1)?.score ?? 0;
  const range = spread ?? (dense[0]?.score ?? 0) - last;
  const best = lexical[0]?.score ?? 0;
  const fused = new Map<unknown, Hit>();
  const add = (hit: Hit, score: number) => {
    const key = keyOf(hit);
    const known = fused.get(key);
    fused.set(key, { ...(known ?? hit), score: (known?.score ?? 0) + score });
  };
  for (const hit of lexical) add(hit, (1 - weight) * (best > 0 ? hit.score / best : 1));
  for (const hit of dense) add(hit, weight * (range > 0 ? (hit.score - last) / range : 1));
  // Sorting is stable: at equal scores the lexical order decides.
  return [...fused.values()].sort((a, b) => b.score - a.score);
}
