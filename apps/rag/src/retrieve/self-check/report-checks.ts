import type { Check } from '@xnai/service';
import { LEAST_ASKED } from '../dense-weight.ts';
import type { Known } from './kept-evidence.ts';

const MOST_REPORTED = 10;

/** Without names of collections, since everybody may read `/readyz`. */
export function reportChecks(known: readonly Known[]): ReturnType<Check['check']> {
  const largest = known.toSorted((a, b) => b.chunks - a.chunks).slice(0, MOST_REPORTED);
  if (largest.length === 0)
    return {
      status: 'absent',
      detail: 'no collection has been checked with the vectors of a model that is ready',
    };
  const collections = largest.map(({ chunks, weight, asked, hitRates, checkedAt }) => ({
    chunks,
    dense_weight: round(weight),
    measured: asked >= LEAST_ASKED,
    measured_at: checkedAt,
    asked,
    lexical_hit_rate: round(hitRates.lexical),
    dense_hit_rate: round(hitRates.dense),
    hybrid_hit_rate: round(hitRates.hybrid),
  }));
  return { status: 'ok', detail: { collections } };
}

function round(share: number): number | null {
  return Number.isFinite(share) ? Math.round(share * 1000) / 1000 : null;
}
