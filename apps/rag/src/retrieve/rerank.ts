import type { ModelCallOptions, Reranker } from '@xnai/inference';
import type { StoreHit } from '../store/store.ts';

export interface RerankDeps {
  readonly reranker: Reranker;
  /** Chunks that are scored at most. */
  readonly candidates: number;
  readonly nowMs: () => number;
}

export interface Ranked {
  readonly hits: readonly StoreHit[];
  readonly isReranked: boolean;
  /** A reranker is configured, and some of the results wanted have no score of it. */
  readonly isDegraded: boolean;
  /** Some of the scores are of a local model that stands in. */
  readonly isStandIn?: boolean;
}

interface Ranking {
  readonly query: string;
  /** Of the search, best first. */
  readonly hits: readonly StoreHit[];
  /** Results wanted. */
  readonly topK: number;
}

/**
 * Has the model score as many hits as the deadline allows, best first, and blends its scores with those of the search. A
 * model that fails or is late costs the scores that did not come, not the answer.
 */
export async function rerank(
  { query, hits, topK }: Ranking,
  { reranker, candidates, nowMs }: RerankDeps,
  options: ModelCallOptions,
): Promise<Ranked> {
  const { status } = reranker.state();
  if (status !== 'ready') return { hits, isReranked: false, isDegraded: status !== 'absent' };
  if (hits.length === 0) return { hits, isReranked: false, isDegraded: false };
  const texts = hits.slice(0, candidates).map(({ chunk }) => chunk.text);
  const scores: number[] = [];
  let isStandIn = false;
  try {
    for (let size = firstSlice(texts, options); size > 0; ) {
      const startedMs = nowMs();
      const slice = texts.slice(scores.length, scores.length + size);
      const scored = await reranker.rerank(query, slice, options);
      scores.push(...scored.scores);
      isStandIn ||= scored.isStandIn === true;
      const msEach = (nowMs() - startedMs) / slice.length;
      size = Math.min(2 * size, inTime(msEach, options), texts.length - scores.length);
    }
  } catch {
    options.signal?.throwIfAborted();
  }
  const isDegraded = scores.length < Math.min(topK, texts.length);
  if (scores.length === 0) return { hits, isReranked: false, isDegraded };
  return { hits: blend(hits, scores), isReranked: true, isDegraded, isStandIn };
}

/** How fast the model is shows after the first one; without a deadline it does not matter. */
function firstSlice(texts: readonly string[], { deadline }: ModelCallOptions): number {
  return deadline === undefined ? texts.length : 1;
}

function inTime(msEach: number, { deadline }: ModelCallOptions): number {
  if (deadline === undefined) return Number.POSITIVE_INFINITY;
  return Math.floor(deadline.remainingMs() / Math.max(msEach, 0.001));
}

/**
 * Chosen, not measured with a trained reranker. Weak scorers that were measured cost nothing at 0.3 and 0.07 to 0.29
 * nDCG@10 at 1; a good one should decide between neighbours.
 */
const RERANKER_WEIGHT = 0.5;

/** A hit without a score counts as one that has nothing to do with the question. Scores that are all alike change nothing. */
function blend(hits: readonly StoreHit[], scores: readonly number[]): readonly StoreHit[] {
  const best = hits[0]?.score ?? 0;
  const last = hits.at(-1)?.score ?? 0;
  const shareOf = ({ score }: StoreHit) => (best > last ? (score - last) / (best - last) : 1);
  return hits
    .map((hit, at) => ({
      ...hit,
      score: (1 - RERANKER_WEIGHT) * shareOf(hit) + RERANKER_WEIGHT * (scores[at] ?? 0),
    }))
    .sort((a, b) => b.score - a.score);
}
