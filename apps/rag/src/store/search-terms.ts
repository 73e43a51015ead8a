import { isForeign, type Language, type Term } from '@xnai/text/analyse';

/** Whether any chunk of the collection holds the term. */
export type IsHeld = (term: string) => boolean;

/** A word that is said again counts again, but nobody repeats it more often than this for a reason. */
export const MAX_REPEATS = 3;
/** A question that is a document is searched by its first terms. */
export const MAX_TERMS = 256;

/**
 * The terms by which a question is searched. Other spellings of a word and acronyms are searched beside it; the pieces
 * of an identifier or a number only where no chunk holds the whole, since they are common words by themselves.
 */
export function searchTerms(terms: readonly Term[], isHeld: IsHeld): readonly string[] {
  const wholes = terms.filter(({ isPart }) => !isPart);
  return terms.flatMap((term) => {
    const whole = term.isPart ? wholes.find((other) => isWithin(term, other)) : undefined;
    return whole !== undefined && isHeld(whole.term) ? [] : [term.term];
  });
}

function isWithin(piece: Term, whole: Term): boolean {
  const length = piece.end - piece.start;
  return whole.start <= piece.start && piece.end <= whole.end && length < whole.end - whole.start;
}

/** A question with more unknown words is not one of this collection. */
const MOST_UNKNOWN = 3;

/** Long words of another language may be near to those of the texts since they are related: "serveur" and "server". */
const LEAST_COGNATE = 7;

export interface Question {
  readonly text: string;
  readonly terms: readonly Term[];
  /** Those of the collection. */
  readonly languages: readonly Language[];
}

/** The words that no chunk holds, neither whole nor in another spelling, and for which near ones are worth a search. */
export function unknownTerms({ text, terms, languages }: Question, isHeld: IsHeld): readonly Term[] {
  const isKnown = ({ start, end }: Term) =>
    terms.some((other) => other.start < end && start < other.end && isHeld(other.term));
  const wholes = new Map(terms.filter(({ isPart }) => !isPart).map((whole) => [whole.term, whole]));
  const unknown = [...wholes.values()].filter((whole) => !isKnown(whole));
  if (unknown.length > MOST_UNKNOWN) return [];
  const least = isForeign(text, languages) ? LEAST_COGNATE : 0;
  return unknown.filter(({ start, end }) => end - start >= least);
}

/** Collections up to this size are asked for their whole vocabulary, which takes the longer the more they hold. */
export const WHOLE_VOCABULARY_CHUNKS = 2_000;
/** Most errors leave the beginning as it is; the whole vocabulary also has compounds that end with the word. */
export const SHARED_LETTERS = 2;
