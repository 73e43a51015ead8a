import type { Evidence, StatementPlace } from '../evidence.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

/**
 * Titles of this many documents that hold a word show that a part of the collection is about that. With five times as many,
 * facts are .683 instead of .667, but .45 of the plain questions refused instead of .50, by `npm run eval -- weights`.
 */
const TITLES_OF_SCOPE = 2;

/**
 * Leaves out what stands in documents that know nothing of the thing asked about, where a part of the collection is about
 * it: the price of another product's support does not answer "What is the price of Borg support?". A document is about a
 * word when its title says nothing else ("ls(1)"), and several are when the titles of all hold it. Where the question has
 * several such words, a document knows of it that holds most of them.
 */
export function holdScope<S extends StatementPlace>(
  terms: readonly WeightedTerm[],
  evidence: readonly Evidence[],
  statements: readonly S[],
): readonly S[] {
  const scope = terms.flatMap(({ emphasis }, at) => (emphasis === 1 && isScope(evidence, at) ? [at] : []));
  if (scope.length === 0) return statements;
  const inScope = statements.filter(({ evidence: { text, path, title } }) => {
    const known = scope.filter((at) => [text, path, title].some(({ held }) => (held[at] ?? 0) > 0));
    return known.length > scope.length / 2;
  });
  return inScope.length > 0 ? inScope : statements;
}

function isScope(evidence: readonly Evidence[], term: number): boolean {
  const titled = evidence.filter(({ title }) => title.held[term] === 1);
  if (titled.some(({ title }) => title.precision === 1)) return true;
  return new Set(titled.map(({ found }) => found.chunk.documentId)).size >= TITLES_OF_SCOPE;
}
