import { synonymsOf } from '../text/synonyms.ts';
import { areRelatedStems } from '../text/words.ts';
import type { WeightedTerm } from './weigh-terms.ts';

/**
 * How well a term is held by its pieces side by side, by a word of its family, and by another word for the same. Set by
 * hand, in the order of how surely the word is meant. By `npm run eval -- weights`, without each 1, 27 and 18 of 480
 * answers are others: without the family .012 fewer of SQuAD's are
 * right; without synonyms one plain question more is refused.
 */
const IN_PIECES = 0.8;
const RELATED = 0.6;
const SYNONYM = 0.5;

/** How well stems hold each term, from 0 to 1, in the order of the terms. */
export type MatchTerms = (stems: Iterable<string>) => readonly number[];

/** Remembers each stem it has seen: the chunks found for one question share most of their words. */
export function createMatchTerms(terms: readonly WeightedTerm[]): MatchTerms {
  const known = new Map<string, readonly Match[]>();
  const matchesOf = (stem: string) => {
    const matches = known.get(stem) ?? matchStem(terms, stem);
    known.set(stem, matches);
    return matches;
  };
  const hasPieces = terms.some(({ pieces }) => pieces.length > 0);
  return (stems) => {
    const held = terms.map(() => 0);
    for (const stem of stems) {
      for (const { term, value } of matchesOf(stem)) held[term] = Math.max(held[term] ?? 0, value);
    }
    return hasPieces ? withPieces(terms, held, new Set(stems)) : held;
  };
}

/** A name is held where all its parts are: ISO27001 by "ISO 27001". */
function withPieces(
  terms: readonly WeightedTerm[],
  held: readonly number[],
  stems: ReadonlySet<string>,
): readonly number[] {
  return held.map((value, at) => {
    const pieces = terms[at]?.pieces ?? [];
    const isInPieces = pieces.length > 0 && pieces.every((piece) => stems.has(piece));
    return isInPieces ? Math.max(value, IN_PIECES) : value;
  });
}

interface Match {
  /** Position of the term. */
  readonly term: number;
  readonly value: number;
}

function matchStem(terms: readonly WeightedTerm[], stem: string): readonly Match[] {
  return terms
    .map((term, position) => ({ term: position, value: matchOne(term, stem) }))
    .filter(({ value }) => value > 0);
}

function matchOne(term: WeightedTerm, stem: string): number {
  if (stem === term.stem || term.spellings.includes(stem)) return 1;
  if (term.isName) return 0;
  if (areRelatedStems(term.stem, stem)) return RELATED;
  return synonymsOf(term.stem)?.has(stem) === true ? SYNONYM : 0;
}

/** How well the parts together hold each of `length` terms. */
export function highest(
  length: number,
  parts: readonly ({ readonly held: readonly number[] } | undefined)[],
): readonly number[] {
  return Array.from({ length }, (_, i) => Math.max(0, ...parts.map((part) => part?.held[i] ?? 0)));
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
