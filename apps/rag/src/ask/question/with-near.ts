import type { NearTerm } from '../../store/store.ts';
import type { Question } from './question.ts';

/** A question whose words that no chunk holds are also held by what was searched in their place. */
export function withNear(question: Question, near: readonly NearTerm[]): Question {
  if (near.length === 0) return question;
  const others = new Map(near.map((each) => [each.term, each.near]));
  return {
    ...question,
    terms: question.terms.map((term) => ({
      ...term,
      spellings: [...term.spellings, ...(others.get(term.stem) ?? [])],
    })),
    halves: question.halves.map((half) => withNear(half, near)),
  };
}
