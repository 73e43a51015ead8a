import type { TermStatistics } from '../../store/store.ts';
import type { Question, QuestionTerm } from '../question/question.ts';

export interface WeightedTerm extends QuestionTerm {
  /** How much finding the word says: its inverse chunk frequency, less for words of the way of asking. */
  readonly weight: number;
  /** No chunk of the collection holds it. */
  readonly isAbsent: boolean;
}

/**
 * Gives each term of a question its weight: the BM25 form of inverse document frequency over chunks. In a small
 * collection frequencies say little, so the count is smoothed towards that of a middling word.
 */
export function weighTerms(question: Question, statistics: TermStatistics): readonly WeightedTerm[] {
  return question.terms.map((term, index) => {
    const frequency = statistics.frequencies[index] ?? 0;
    const emphasis = frequency === 0 && isBetweenWords(term, question, statistics) ? 0 : term.emphasis;
    return {
      ...term,
      emphasis,
      weight: emphasis * inverseFrequency(Math.max(1, frequency), statistics.chunks),
      isAbsent: frequency === 0,
    };
  });
}

/** In a script without spaces, a pair that nothing holds and that overlaps with one that is held is no word. */
function isBetweenWords(
  { start, end }: QuestionTerm,
  { terms }: Question,
  { frequencies }: TermStatistics,
): boolean {
  return terms.some((other, at) => other.start < end && start < other.end && (frequencies[at] ?? 0) > 0);
}

/** Set by hand, for small collections: without it 1 of the 480 answers of `npm run eval -- weights` is another. */
const SMOOTHING_CHUNKS = 20;

function inverseFrequency(frequency: number, chunks: number): number {
  const total = chunks + SMOOTHING_CHUNKS;
  return Math.log(1 + (total - frequency + 0.5) / (frequency + 0.5));
}
