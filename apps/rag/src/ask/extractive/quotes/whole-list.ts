import { actionOf, asksForAll, asksForParts, asksForSteps, type Question } from '../../question/question.ts';
import type { AnalysedText, Evidence } from '../evidence.ts';
import { coverage, highest } from '../match-terms.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';
import type { WeightedTerm } from '../weigh-terms.ts';
import type { Quote } from './quote.ts';
import { quoteItems, quoteRows, quoteSteps } from './quote-steps.ts';
import { subjectOf } from './subject.ts';

/** What a list is chosen by. */
export interface ListSelection {
  readonly question: Question;
  readonly terms: readonly WeightedTerm[];
  readonly evidence: readonly Evidence[];
}

/**
 * The share of the question that the heading or line above steps must hold; with less, any list of the page would do. At 0 6
 * of the 480 answers of `npm run eval -- weights` are others, and facts .650 instead of .667.
 */
const LEAST_OF_SUBJECT = 0.7;
/** Steps stand in the place of all else, so that they must come nearer to the best than a further statement. */
const AS_GOOD = 0.8;

/** The steps, or the parts, near the best statement that stand under a heading or behind a line about the question. */
export function wholeList(
  ranked: readonly RankedStatement[],
  { question, terms, evidence }: ListSelection,
): readonly Quote[] | undefined {
  const quoteList = asksForSteps(question) ? quoteSteps : asksForParts(question) ? quoteItems : undefined;
  if (quoteList === undefined) return undefined;
  const least = (ranked[0]?.score ?? 0) * AS_GOOD;
  for (const candidate of ranked) {
    if (candidate.score < least) return undefined;
    const { evidence: found, entry } = candidate;
    const subject = highest(terms.length, [
      entry.lead,
      found.path,
      found.title,
      introduces(candidate) ? introductionIn(candidate) : undefined,
    ]);
    if (coverage(terms, subject) < LEAST_OF_SUBJECT || !holdsAction(question, terms, subject)) continue;
    const list = quoteList(candidate, evidence);
    if (list !== undefined) return list;
  }
  return undefined;
}

/** The words before the list, without those of the list. */
function introductionIn({ evidence, entry, position }: RankedStatement): AnalysedText {
  const isWithList = entry.statement.fullEnd > entry.statement.end;
  return (isWithList ? evidence.statements[position + 1]?.lead : undefined) ?? entry.own;
}

/** Steps are those of what is to be done: others of the same thing do something else. */
function holdsAction(question: Question, terms: readonly WeightedTerm[], held: readonly number[]): boolean {
  const action = actionOf(question.text);
  const at = terms.findIndex(({ end }) => end === action?.end);
  return at < 0 || (held[at] ?? 0) > 0;
}

/** No step itself, and the last sentence of its paragraph, after which the list begins. */
function introduces({ evidence, entry: { statement } }: RankedStatement): boolean {
  if (evidence.passage.blocks[statement.block]?.kind === 'item') return false;
  return !evidence.statements.some(
    (other) => other.statement.block === statement.block && other.statement.start > statement.start,
  );
}

/** The rows around the best one, where all of something is asked for and they are all about the same. */
export function wholeTable(
  best: RankedStatement,
  foreign: readonly RankedStatement[],
  { question, evidence }: ListSelection,
): readonly Quote[] | undefined {
  if (!asksForAll(question)) return undefined;
  const isBeside = (other: RankedStatement) =>
    other.evidence.found === best.evidence.found && other.entry.statement.kind === 'row';
  const [first, ...more] = (foreign.some(isBeside) ? undefined : quoteRows(best, evidence)) ?? [];
  return first && [{ ...first, about: subjectOf(best.evidence, best.entry) }, ...more];
}
