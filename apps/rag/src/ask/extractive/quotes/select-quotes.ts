import { hasAnswerForm } from '../../question/answer-form.ts';
import { askedValue } from '../../question/asked-value.ts';
import { asksForSteps, type Question } from '../../question/question.ts';
import type { Evidence, EvidenceStatement } from '../evidence.ts';
import { coverage, highest } from '../match-terms.ts';
import type { RankedStatement } from '../rank/rank-statements.ts';
import { SMALL_COLLECTION_CHUNKS } from '../small-collection.ts';
import type { WeightedTerm } from '../weigh-terms.ts';
import { inReadingOrder, lengthOf, overlaps, type Quote } from './quote.ts';
import { holdsCode, spanOf } from './quote-span.ts';
import { isOfIndex, saysMore } from './says-more.ts';
import { createIsForeign } from './siblings.ts';
import { subjectOf } from './subject.ts';
import { wholeList, wholeTable } from './whole-list.ts';

const MAX_SENTENCES = 3;
/** Of all quotes together, in UTF-16 units; the first one may be longer. */
const MAX_ANSWER_CHARS = { short: 700, full: 1400 } as const;
/**
 * A further statement is worth its place when it comes this near to the best one. By hand, as the other shares here;
 * guarded by the facts and lengths of `npm run eval -- manuals`, and varied by `npm run eval -- weights`, over which .762
 * of SQuAD's questions are answered right: without it 79 of 480 answers are others and .768 right, and longer.
 */
const NEAR_BEST = 0.7;
/**
 * An entry of an index is the shortest that can be said of a word, so that it matches best. Those 480 answers hold none;
 * "What is a rudder?" in `answers.test.ts` does.
 */
const NEAR_INDEX = 0.5;
/**
 * Share of what the best statement holds of the question itself. Statements of one small page have the same standing and
 * subject, so that all are near the best. `npm run eval -- manuals` finds the same facts with and without it; 133 of those
 * 480 answers are longer without it, of which .774 are right.
 */
const LEAST_OF_BEST = 0.5;
/** A share that is 1 but for rounding. */
const WHOLLY = 0.99;
/** Two statements that share this much of their stems say the same. At 0, which leaves one quote, facts are .517, not .667. */
const SAME_STEMS = 0.6;

export interface Selection {
  readonly question: Question;
  readonly terms: readonly WeightedTerm[];
  readonly evidence: readonly Evidence[];
  /** How many chunks the collection has. */
  readonly chunks: number;
  readonly length: keyof typeof MAX_ANSWER_CHARS;
}

/**
 * One to three of the ranked statements: near the best, none twice, none out of a neighbouring entry about something
 * else, in reading order. Where the question asks how something is done, numbered steps are quoted whole.
 */
export function selectQuotes(ranked: readonly RankedStatement[], selection: Selection): readonly Quote[] {
  const { question, terms, length } = selection;
  const best = bestOf(ranked, question);
  if (best === undefined) return [];
  const isForeign = createIsForeign(terms, best);
  const whole = wholeList(ranked, selection) ?? wholeTable(best, ranked.filter(isForeign), selection);
  if (whole !== undefined) return whole;
  const reach = { question, isFull: length === 'full' };
  const chosen: RankedStatement[] = [best];
  const quotes: Quote[] = [quoteOf(best, { ...reach, room: MAX_SENTENCES - 1 })];
  const wantsCode = asksForSteps(question);
  const mayAdd = createMayAdd(best, selection);
  const others = ranked.filter(
    (other) =>
      other !== best &&
      mayAdd(other) &&
      saysMore(other, question) &&
      saysOfIt(other) >= saysOfIt(best) * LEAST_OF_BEST &&
      !isForeign(other) &&
      (wantsCode || !isCode(other)),
  );
  for (const candidate of others) {
    const room = MAX_SENTENCES - quotes.reduce((sum, { sentences }) => sum + sentences, 0);
    if (room <= 0 || candidate.score < best.score * NEAR_BEST) break;
    if (chosen.some((other) => saysTheSame(other, candidate))) continue;
    const quote = quoteOf(candidate, { ...reach, room });
    if (quotes.some((other) => overlaps(other, quote))) continue;
    if (lengthOf([...quotes, quote]) > MAX_ANSWER_CHARS[length]) continue;
    chosen.push(candidate);
    quotes.push(quote);
  }
  return inReadingOrder(quotes);
}

/**
 * Where the best statement has the value that is asked for, one without such a value adds nothing. In a small collection,
 * where all statements are near the best, one of another section adds nothing to what holds the whole question.
 */
function createMayAdd(
  best: RankedStatement,
  { question, terms, chunks }: Selection,
): (other: RankedStatement) => boolean {
  const isSmall = chunks <= SMALL_COLLECTION_CHUNKS;
  const hasValue = valueIn(question, isSmall);
  const isValued = hasValue(best);
  const { entry, evidence: its } = best;
  const isWhole =
    coverage(terms, highest(terms.length, [entry.own, entry.lead, its.path, its.title])) > WHOLLY;
  return (other) =>
    (!isValued || hasValue(other)) && (!isSmall || !isWhole || sectionOf(other) === sectionOf(best));
}

function valueIn(question: Question, isSmall: boolean): (statement: RankedStatement) => boolean {
  const form = askedValue(question.text, question.language ?? 'en')?.form;
  const isValue = isSmall && (question.kind === 'quantity' || question.kind === 'time');
  return ({ entry: { own } }) => form?.test(own.text) ?? (isValue && hasAnswerForm(question, own.text));
}

function sectionOf({ evidence: { found } }: RankedStatement): string {
  return [found.chunk.documentId, ...found.chunk.heading].join('\n');
}

/** How much of the question a statement holds, itself or in its lead. */
function saysOfIt({ features: { own, byLead } }: RankedStatement): number {
  return own + byLead;
}

/** A label says something only where nothing near it does, and code does not say what a thing is. */
function bestOf(ranked: readonly RankedStatement[], question: Question): RankedStatement | undefined {
  const [first] = ranked;
  if (first === undefined) return undefined;
  const least = first.score * (isOfIndex(first) ? NEAR_INDEX : NEAR_BEST);
  const says = (candidate: RankedStatement) =>
    saysMore(candidate, question) && !(TOLD_IN_PROSE.has(question.kind) && isCode(candidate));
  return ranked.find((candidate) => candidate.score >= least && says(candidate)) ?? first;
}

const TOLD_IN_PROSE: ReadonlySet<Question['kind']> = new Set(['definition', 'reason', 'person', 'time']);

/** Without a question how something is done, code and what introduces it are only read where they are the best. */
function isCode(candidate: RankedStatement): boolean {
  return candidate.entry.statement.kind === 'code' || holdsCode(candidate);
}

/** The quotes for each half of a question, in the order asked: the best two of each, and each one for the half it fits. */
export function joinQuotes(halves: readonly (readonly Quote[])[]): readonly Quote[] {
  const isTaken = (quote: Quote, half: number) =>
    halves.some(
      (others, at) =>
        at !== half && others.some((other) => overlaps(other, quote) && other.score > quote.score),
    );
  const joined: Quote[] = [];
  for (const [half, quotes] of halves.entries()) {
    const own = quotes.filter((quote) => !isTaken(quote, half));
    const best = (own.length > 0 ? own : quotes).toSorted((a, b) => b.score - a.score);
    for (const quote of inReadingOrder(best.slice(0, MAX_SENTENCES - 1))) {
      if (!joined.some((other) => overlaps(other, quote))) joined.push(quote);
    }
  }
  return joined;
}

function quoteOf(candidate: RankedStatement, reach: Parameters<typeof spanOf>[1]): Quote {
  const { evidence, score } = candidate;
  const { first, start, end, sentences } = spanOf(candidate, reach);
  return withSubject({ evidence, start, end, about: undefined, sentences, score }, first);
}

const MAX_LABEL_CHARS = 200;

/** Takes the label into the quote where it stands right before it, else names it, or the heading, beside the quote. */
function withSubject(quote: Quote, entry: EvidenceStatement): Quote {
  const { statement } = entry;
  const above = statement.lead?.span;
  if (above !== undefined && statement.isLeadAdjacent && quote.start - above.start <= MAX_LABEL_CHARS) {
    return { ...quote, start: above.start };
  }
  return { ...quote, about: subjectOf(quote.evidence, entry) };
}

function saysTheSame(a: RankedStatement, b: RankedStatement): boolean {
  const [one, other] = [new Set(a.entry.own.stems), new Set(b.entry.own.stems)];
  const shared = one.intersection(other).size;
  return shared / (one.size + other.size - shared) > SAME_STEMS;
}
