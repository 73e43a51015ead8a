import { synonymsOf } from './synonyms.ts';
import type { WeightedTerm } from './weigh-terms.ts';
import { areRelatedStems } from './words.ts';

const RELATED = 0.6;
const SYNONYM = 0.5;

/** How well a set of stems holds each term, from 0 to 1, in the order of the terms. */
export function matchTerms(terms: readonly WeightedTerm[], stems: ReadonlySet<string>): readonly number[] {
  return terms.map((term) => {
    if (stems.has(term.stem)) return 1;
    if (term.isName) return 0;
    for (const stem of stems) if (areRelatedStems(term.stem, stem)) return RELATED;
    for (const synonym of synonymsOf(term.stem) ?? []) if (stems.has(synonym)) return SYNONYM;
    return 0;
  });
}

/** The share of the terms' weight that is held; 0 when nothing has weight. */
export function coverage(terms: readonly WeightedTerm[], held: readonly number[]): number {
  let total = 0;
  let found = 0;
  for (const [index, { weight }] of terms.entries()) {
    total += weight;
    found += weight * (held[index] ?? 0);
  }
  return total === 0 ? 0 : found / total;
}
