import type { Question } from '../../question/question.ts';
import type { Evidence, StatementPlace } from '../evidence.ts';
import type { WeightedTerm } from '../weigh-terms.ts';
import { type Features, featuresOf } from './features.ts';

/** A statement with its features and score. */
export interface RankedStatement extends StatementPlace {
  readonly features: Features;
  /** Best first; comparable within one question. */
  readonly score: number;
}

/**
 * How much each feature counts; the unit is a question wholly held by one statement. Set by hand, which a regression on
 * 20,000 judged sentences did not better. A test sees to it that each changes an order. Beside each is what becomes of
 * 480 answers without it, by `npm run eval -- weights` over the manuals and a quarter of SQuAD: how many are others, and
 * the facts in the answers to how-to questions, to those over git, and the right answers of SQuAD (.667, .857, .756 with
 * all). In the two that change none there, the case of the test is the reason.
 */
export const FEATURE_WEIGHTS: Readonly<Record<keyof Features, number>> = {
  own: 1, // 365; .467, .357, .622
  byLead: 0.75, // 17
  byHeading: 0.5, // 41; .683
  byPrevious: 0.5, // 40; SQuAD .750
  leadMatch: 0.35, // 22; .650
  headingMatch: 0.25, // 27; whole paragraphs .717 → .700
  titleMatch: 0.45, // 24
  adjacency: 0.2, // 50; git .786, SQuAD .762
  literalLead: 0.25, // 1
  defines: 0.4, // 1
  isOption: 0.3, // set later, by reading answers over manual pages; no question of the manuals asks so
  form: 0.08, // 63; .650
  quantity: 0.2, // 8; .650
  standing: 1, // 220; .633, .786, .762
  isLabel: -0.2, // 11; .650
  isSymbols: -0.35, // 3
  isCode: -0.3, // set later: with it SQuAD .762 and a listing less in place of a reason
  isQuestion: -0.3, // 0: the headings of pages of questions and answers
  isTrouble: -0.2, // 0: sections on errors, which hold the words of what one wants to do
  isFirst: 0.1, // 45; .633, .786
};

/** All statements of all chunks, best first. */
export function rankStatements(
  question: Question,
  terms: readonly WeightedTerm[],
  evidence: readonly Evidence[],
  weights = FEATURE_WEIGHTS,
): readonly RankedStatement[] {
  return evidence
    .flatMap((each) => each.statements.map((entry, position) => ({ evidence: each, entry, position })))
    .map((place) => {
      const features = featuresOf(question, terms, place);
      return { ...place, features, score: scoreOf(features, weights) };
    })
    .sort((a, b) => b.score - a.score);
}

function scoreOf(features: Features, weights: typeof FEATURE_WEIGHTS): number {
  let sum = 0;
  for (const [name, weight] of Object.entries(weights)) sum += weight * features[name as keyof Features];
  return sum;
}
