import type { Evidence } from './evidence.ts';
import { coverage, highest } from './match-terms.ts';
import type { RankedStatement } from './rank-statements.ts';
import type { WeightedTerm } from './weigh-terms.ts';

/** Shares of the question's weight that the evidence holds, each from 0 to 1. */
export interface Relevance {
  /** Best single chunk with its heading path and title. */
  readonly chunk: number;
  /** Best statement with its neighbours, heading path and title. */
  readonly window: number;
  /** The best statement together with its subject. */
  readonly statement: number;
  readonly isRelevant: boolean;
}

/** A name or number that is nowhere in the collection says more than any other word that the question is foreign. */
const ABSENT_NAME = 1.5;

/** Chosen on questions over six collections, each asked of its own collection and of the others. */
const LEAST = { chunk: 0.5, window: 0.42 } as const;

/** A small collection holds few words at all, so that even an answer shares fewer with its question. */
const FULL_SIZE_CHUNKS = 1000;
const LENIENCY = 0.3;

/**
 * Decides whether anything found speaks to the question at all; better no answer than one about something else.
 * `chunks`: how many the collection has.
 */
export function judgeRelevance(
  terms: readonly WeightedTerm[],
  evidence: readonly Evidence[],
  ranked: readonly RankedStatement[],
  chunks: number,
): Relevance {
  const stressed = terms.map((term) =>
    term.isName && term.isAbsent ? { ...term, weight: term.weight * ABSENT_NAME } : term,
  );
  const chunk = best(
    evidence.map((each) => coverage(stressed, highest(terms.length, [each.text, each.path, each.title]))),
  );
  const window = best(ranked.map((candidate) => coverage(stressed, windowOf(terms.length, candidate))));
  const statement = best(ranked.map(({ features }) => features.own + features.byLead));
  const share = strictness(chunks);
  return {
    chunk,
    window,
    statement,
    isRelevant: chunk >= LEAST.chunk * share && window >= LEAST.window * share,
  };
}

function strictness(chunks: number): number {
  const size = Math.min(1, Math.log1p(chunks) / Math.log1p(FULL_SIZE_CHUNKS));
  return 1 - LENIENCY * (1 - size);
}

function windowOf(length: number, { evidence, entry, position }: RankedStatement): readonly number[] {
  const around = [position - 1, position + 1].map((at) => evidence.statements[at]?.own);
  return highest(length, [entry.own, entry.lead, evidence.path, evidence.title, ...around]);
}

function best(values: readonly number[]): number {
  return Math.max(0, ...values);
}
