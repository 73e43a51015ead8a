import type { EvidenceStatement } from './evidence.ts';
import { FUNCTION_WORDS } from './question-words.ts';
import type { WeightedTerm } from './weigh-terms.ts';
import { wordsOf } from './words.ts';

const VERB =
  /\s(?:-{1,2}|–|—|is|are|was|were|means?|refers? to|stands for|denotes?|describes?|specif(?:y|ies)|contains?)\s|:\s/;
/** After the verb of a definition comes what kind of thing it is; after a dash or colon anything may come. */
const KIND_FOLLOWS =
  /^\s(?:is|are|was|were)\s+(?:(?:also|usually|often|generally|basically|simply)\s+)?(?:an?|the|one|any|used|short|called|made)\b/;

/**
 * How far a statement says what the thing asked about is, from 0 to 1: that thing alone stands before the verb or
 * dash ("git-bisect - Use binary search", "A fox is an animal"), or is the label over the statement.
 */
export function definitionOf(
  terms: readonly WeightedTerm[],
  { lead, own, statement }: EvidenceStatement,
): number {
  const subject = terms.filter(({ emphasis }) => emphasis === 1);
  if (subject.length === 0 || subject.length > 5) return 0;
  const isNamedBy = (stems: readonly string[]) => subject.every((term) => stems.includes(term.stem));
  if (statement.isLeadAdjacent && lead.precision >= 0.6 && isNamedBy(lead.stems)) return 1;
  const verb = VERB.exec(own.text);
  if (verb === null || verb.index > 80) return 0;
  const before = wordsOf(own.text.slice(0, verb.index)).filter(
    ({ raw }) => !FUNCTION_WORDS.has(raw.toLowerCase()) && !/^\d+$/.test(raw),
  );
  if (before.length > subject.length + 1 || !isNamedBy(before.map(({ stem }) => stem))) return 0;
  const isSure = /^\s*(?:-|–|—|:)/.test(verb[0]) || KIND_FOLLOWS.test(own.text.slice(verb.index));
  return isSure && before.length <= subject.length ? 1 : 0.5;
}
