import { tellingWords } from '../../text/words.ts';
import type { AnalysedText, Evidence, StatementPlace } from '../evidence.ts';
import type { WeightedTerm } from '../weigh-terms.ts';

const VERB =
  /\s(?:-{1,2}|–|—|is|are|was|were|means?|refers? to|stands for|denotes?|describes?|indicates?|specif(?:y|ies)|contains?)\s|:\s/;
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
  const subject = subjectOf(terms, evidence);
  if (subject.length === 0 || subject.length > 5) return 0;
  const isUnder = ({ stems, precision }: AnalysedText) =>
    precision >= 0.6 &&
    subject.some((stem) => stems.includes(stem)) &&
    subject.every((stem) => stems.includes(stem) || own.stems.includes(stem));
  if (statement.isLeadAdjacent && isUnder(lead)) return 1;
  if (isFirstSentence(evidence, position) && isUnder(evidence.heading)) return 1;
  return namesFirst(subject, own.text);
}

/** The kind of thing that a name is: the "error" of "error SQLITE_BUSY". */
const KIND_OF_NAME =
  /^(?:code|command|directive|error|field|file|flag|function|keyword|method|mode|module|option|parameter|pragma|setting|status|variable|befehl|schalter|commande|fonction|comando)s?$/i;

/** Without what title and headings say already, and the kind of a name, as long as anything else is left. */
function subjectOf(terms: readonly WeightedTerm[], { title, path }: Evidence): readonly string[] {
  const telling = terms.filter(({ emphasis }) => emphasis === 1);
  const isNamed = telling.some(({ isName }) => isName);
  const own = telling.filter(({ isName, raw }) => !isNamed || isName || !KIND_OF_NAME.test(raw));
  const more = own.filter(({ stem }) => !title.stems.includes(stem) && !path.stems.includes(stem));
  return (more.length > 0 ? more : own).map(({ stem }) => stem);
}

/** Facts in a table often stand above it. */
function isFirstSentence({ statements }: Evidence, position: number): boolean {
  return statements.findIndex(({ statement }) => statement.kind === 'sentence') === position;
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
