import type { Evidence } from '../evidence.ts';
import { coverage, highest } from '../match-terms.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

/** Shares of the question's weight that the evidence holds, each from 0 to 1. */
export interface Relevance {
  /** Best single chunk with its heading path and title. */
  readonly chunk: number;
  /** Best statement with its neighbours, heading path and title. */
  readonly window: number;
  readonly isRelevant: boolean;
  /** Too little is held for a question of which a word is nowhere. */
  readonly isThin: boolean;
}

/**
 * Chosen on questions over six collections, each asked of its own collection and of the others. This and the numbers
 * below are guarded by the refusals of `npm run eval -- manuals`. By `npm run eval -- weights` over the manuals and a
 * quarter of SQuAD, where .95 of the named and .50 of the plain questions and .121 of SQuAD's are refused: without
 * `chunk` 3 of 480 answers are others, and .90, .50 and .111 are refused; without `window` 11, and .95, .35 and .084.
 */
const LEAST = { chunk: 0.5, window: 0.46 } as const;
/**
 * For a short question, a word of which is nowhere in what was found: "What colour is the sauna?" Without `window` 1 of
 * those 480 answers is another, and .116 of SQuAD's are refused; without `statement` none is, but "Is the lid of the pump
 * made of steel?" is answered in the cases.
 */
const LEAST_WITHOUT_A_WORD = { window: 0.52, statement: 0.34 } as const;
const SHORT_QUESTION_TERMS = 3;

/**
 * A small collection holds few words at all, so that even an answer shares fewer with its question. Without leniency 5 of
 * those 480 answers are others: .137 of SQuAD's questions are refused, but .756 answered right instead of .762; with twice
 * as much, or a full size of 2,000, 3 and 2 are, and .105 and .111 refused.
 */
const FULL_SIZE_CHUNKS = 1000;
const LENIENCY = 0.3;

export interface Judged {
  readonly terms: readonly WeightedTerm[];
  /** All that was found, best chunk first. */
  readonly evidence: readonly Evidence[];
  /** The statements that may be quoted, best first. */
  readonly statements: readonly RankedStatement[];
  /** How many chunks the collection has. */
  readonly chunks: number;
  /** Each of the terms says something: in other languages than English, ways of asking are among them. */
  readonly isEnglish: boolean;
  /** What the question asks for by name is there. */
  readonly isNamed: boolean;
}

/** Decides whether anything found speaks to the question at all; better no answer than one about something else. */
export function judgeRelevance(judged: Judged): Relevance {
  const { terms, evidence, statements, chunks } = judged;
  const inChunks = evidence.map((each) => wholeOf(terms.length, each));
  const chunk = best(inChunks.map((held) => coverage(terms, held)));
  const window = best(statements.map((candidate) => coverage(terms, windowOf(terms.length, candidate))));
  const share = strictness(chunks);
  const isCovered = chunk >= LEAST.chunk * share && window >= LEAST.window * share;
  const isThin = holdsLittle(window, statements);
  const isRelevant = isCovered && !(lacksAWord(judged, inChunks) && isThin);
  return {
    chunk,
    window,
    isThin,
    isRelevant: statements.length > 0 && (isRelevant || holdsAll(terms, inChunks[0])),
  };
}

/** Whether a word of a short question is nowhere. */
function lacksAWord(
  { terms, isEnglish, isNamed }: Judged,
  inChunks: readonly (readonly number[])[],
): boolean {
  if (!isEnglish || isNamed || terms.filter(isTelling).length > SHORT_QUESTION_TERMS) return false;
  return terms.some((term, at) => isTelling(term) && inChunks.every((held) => held[at] === 0));
}

function holdsLittle(window: number, statements: readonly RankedStatement[]): boolean {
  const statement = best(statements.map(({ features }) => features.own + features.byLead));
  return window < LEAST_WITHOUT_A_WORD.window || statement < LEAST_WITHOUT_A_WORD.statement;
}

function isTelling({ emphasis }: WeightedTerm): boolean {
  return emphasis === 1;
}

/** Whether the best chunk holds every word about the subject. */
function holdsAll(terms: readonly WeightedTerm[], held: readonly number[] = []): boolean {
  return terms.some(isTelling) && terms.every((term, at) => !isTelling(term) || (held[at] ?? 0) > 0);
}

function strictness(chunks: number): number {
  const size = Math.min(1, Math.log1p(chunks) / Math.log1p(FULL_SIZE_CHUNKS));
  return 1 - LENIENCY * (1 - size);
}

function wholeOf(length: number, { text, path, title }: Evidence): readonly number[] {
  return highest(length, [text, path, title]);
}

function windowOf(length: number, { evidence, entry, position }: RankedStatement): readonly number[] {
  const around = [position - 1, position + 1].map((at) => evidence.statements[at]?.own);
  return highest(length, [entry.own, entry.lead, evidence.path, evidence.title, ...around]);
}

function best(values: readonly number[]): number {
  return Math.max(0, ...values);
}
