import { tellingWords } from '../text/words.ts';
import type { AnalysedText, Evidence, StatementPlace } from './evidence.ts';
import { isEntry } from './siblings.ts';
import type { WeightedTerm } from './weigh-terms.ts';

const VERB =
  /\s(?:-{1,2}|–|—|is|are|was|were|means?|refers? to|stands for|denotes?|describes?|specif(?:y|ies)|contains?)\s|:\s/;
/** The verb of a definition is followed by a kind of thing; a dash or colon by anything. */
const KIND_FOLLOWS =
  /^\s(?:is|are|was|were)\s+(?:(?:also|usually|often|generally|basically|simply)\s+)?(?:an?|the|one|any|used|short|called|made)\b/;

/**
 * How far a statement defines the thing asked about, from 0 to 1: that thing alone stands before the verb or
 * dash ("git-bisect - Use binary search", "A fox is an animal"), or is the label or the heading right over it.
 */
export function definitionOf(
  terms: readonly WeightedTerm[],
  { entry, evidence, position }: StatementPlace,
): number {
  const { lead, own, statement } = entry;
  const subject = terms.filter(({ emphasis }) => emphasis === 1);
  if (subject.length === 0 || subject.length > 5) return 0;
  if (statement.isLeadAdjacent && isTermOf(lead, own, leftBy(evidence.title, subject))) return 1;
  const { heading } = evidence;
  const isNamed = subject.some(({ stem }) => heading.stems.includes(stem));
  if (isNamed && isFirstSentence(evidence, position) && isUnder(heading, own, subject)) return 1;
  return namesFirst(
    subject.map(({ stem }) => stem),
    own.text,
  );
}

/** A page is about what its title says, and an entry of it about the rest. */
function leftBy({ stems }: AnalysedText, subject: readonly WeightedTerm[]): readonly WeightedTerm[] {
  const rest = subject.filter(({ stem }) => !stems.includes(stem));
  return rest.length > 0 ? rest : subject;
}

/** A term without the rarest word of the subject is that of something else: "HEAD" for "a detached HEAD". */
function isTermOf(lead: AnalysedText, own: AnalysedText, subject: readonly WeightedTerm[]): boolean {
  const rarest = subject.reduce((a, b) => (b.weight > a.weight ? b : a));
  return lead.stems.includes(rarest.stem) && isUnder(lead, own, subject);
}

function isUnder(above: AnalysedText, own: AnalysedText, subject: readonly WeightedTerm[]): boolean {
  const isHeld = ({ stem }: WeightedTerm) => above.stems.includes(stem) || own.stems.includes(stem);
  return above.precision >= 0.6 && subject.every(isHeld);
}

/** Facts in a table often stand above it. An entry of a list is about something of its own. */
function isFirstSentence({ statements, passage }: Evidence, position: number): boolean {
  const first = statements.findIndex(({ statement }) => statement.kind === 'sentence');
  return first === position && !isEntry(passage.blocks[statements[first]?.statement.block ?? -1]);
}

function namesFirst(subject: readonly string[], text: string): number {
  const verb = VERB.exec(text);
  if (verb === null || verb.index > 80) return 0;
  const before = tellingWords(text.slice(0, verb.index)).filter(({ raw }) => !/^\d+$/.test(raw));
  const stems = before.map(({ stem }) => stem);
  if (stems.length > subject.length + 1 || !subject.every((stem) => stems.includes(stem))) return 0;
  const isSure = /^\s*(?:-|–|—|:)/.test(verb[0]) || KIND_FOLLOWS.test(text.slice(verb.index));
  return isSure && stems.length <= subject.length ? 1 : 0.5;
}
