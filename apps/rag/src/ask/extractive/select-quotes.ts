import type { Evidence, EvidenceStatement } from './evidence.ts';
import type { RankedStatement } from './rank-statements.ts';

/** A literal piece of a chunk chosen for the answer; offsets into the chunk's text. */
export interface Quote {
  readonly evidence: Evidence;
  readonly start: number;
  readonly end: number;
  /** The subject that the quote does not name itself: the label over it, or its heading. */
  readonly about: string | undefined;
  /** How many statements it spans. */
  readonly sentences: number;
  readonly score: number;
}

const MAX_SENTENCES = 3;
const MAX_ANSWER_CHARS = 700;
/** A further statement is worth its place when it comes this near to the best one. */
const NEAR_BEST = 0.7;
const SAME_STEMS = 0.6;

/**
 * One to three sentences out of the ranked statements: near the best, none twice, in reading order. Where the question
 * asks how something is done, numbered steps are quoted whole.
 */
export function selectQuotes(ranked: readonly RankedStatement[], asksForSteps = false): readonly Quote[] {
  const [best] = ranked;
  if (best === undefined) return [];
  const steps = asksForSteps ? stepsOf(best) : undefined;
  if (steps !== undefined) return [steps];
  const chosen: RankedStatement[] = [best];
  const quotes: Quote[] = [quoteOf(best, MAX_SENTENCES - 1)];
  for (const candidate of ranked.slice(1)) {
    const room = MAX_SENTENCES - quotes.reduce((sum, { sentences }) => sum + sentences, 0);
    if (room <= 0 || candidate.score < best.score * NEAR_BEST) break;
    const quote = quoteOf(candidate, room);
    if (lengthOf([...quotes, quote]) > MAX_ANSWER_CHARS) continue;
    if (quotes.some((other) => overlaps(other, quote))) continue;
    if (chosen.some((other) => saysTheSame(other, candidate))) continue;
    chosen.push(candidate);
    quotes.push(quote);
  }
  return inReadingOrder(quotes);
}

/** The quotes for each half of a question, in the order asked; the best two of each, and none twice. */
export function joinQuotes(halves: readonly (readonly Quote[])[]): readonly Quote[] {
  const joined: Quote[] = [];
  for (const quotes of halves) {
    const best = [...quotes].sort((a, b) => b.score - a.score).slice(0, MAX_SENTENCES - 1);
    for (const quote of inReadingOrder(best)) {
      if (!joined.some((other) => overlaps(other, quote))) joined.push(quote);
    }
  }
  return joined;
}

function stepsOf({ evidence, entry, score }: RankedStatement): Quote | undefined {
  const { steps, start } = entry.statement;
  if (steps === undefined) return undefined;
  return {
    evidence,
    start: Math.min(start, steps.start),
    end: steps.end,
    about: undefined,
    sentences: 1,
    score,
  };
}

const MAX_QUOTE_CHARS = 600;
const REFERS_BACK =
  /^[*_"'(]*(?:it|this|these|those|they|he|she|that|such|here|otherwise|instead|however|then)\b/i;

/**
 * The statement with the label directly over it, or with the sentence before when it refers back to that, or with
 * the sentence after when that one refers back to it.
 */
function quoteOf(candidate: RankedStatement, room: number): Quote {
  const { evidence, entry, position, score } = candidate;
  const { statement } = entry;
  const [before, after] = [evidence.statements[position - 1], evidence.statements[position + 1]];
  const isOneBlock = (other: EvidenceStatement | undefined) => other?.statement.block === statement.block;
  const fits = (start: number, end: number) => end - start <= MAX_QUOTE_CHARS;
  const end = statement.fullEnd;
  const alone = { evidence, start: statement.start, end, about: undefined, sentences: 1, score };
  const refersBack = REFERS_BACK.test(entry.own.text);
  const isTwo = room > 1 && refersBack && before !== undefined && isOneBlock(before);
  if (isTwo && fits(before.statement.start, end)) {
    return withLabel({ ...alone, start: before.statement.start, sentences: 2 }, before, fits);
  }
  const isFollowed = room > 1 && after !== undefined && isOneBlock(after) && REFERS_BACK.test(after.own.text);
  if (isFollowed && fits(statement.start, after.statement.fullEnd)) {
    return withLabel({ ...alone, end: after.statement.fullEnd, sentences: 2 }, entry, fits);
  }
  return withLabel(alone, entry, fits);
}

/** Takes the label into the quote where it stands right before it, else names it, or the heading, beside the quote. */
function withLabel(
  quote: Quote,
  { statement, lead, own }: EvidenceStatement,
  fits: (start: number, end: number) => boolean,
): Quote {
  const above = statement.lead?.span;
  if (above !== undefined && statement.isLeadAdjacent && fits(above.start, quote.end)) {
    return { ...quote, start: above.start };
  }
  const isNamed = lead.text !== '' && !lead.text.endsWith(':') && statement.kind !== 'row';
  const subject = REFERS_BACK.test(own.text) ? subjectOf(quote.evidence) : undefined;
  return { ...quote, about: isNamed ? lead.text : subject };
}

/** Headings that every page has, so that they are no subject. */
const GENERIC =
  /^(?:name|synopsis|description|options|examples?|notes?|overview|introduction|usage|summary|details|discussion|remarks|background|see also)$/i;

function subjectOf({ found: { chunk } }: Evidence): string | undefined {
  const heading = chunk.heading.at(-1);
  return heading !== undefined && GENERIC.test(heading.trim()) ? chunk.title : heading;
}

function lengthOf(quotes: readonly Quote[]): number {
  return quotes.reduce((sum, { start, end }) => sum + end - start, 0);
}

function overlaps(a: Quote, b: Quote): boolean {
  return a.evidence.found === b.evidence.found && a.start < b.end && b.start < a.end;
}

function saysTheSame(a: RankedStatement, b: RankedStatement): boolean {
  const [one, other] = [new Set(a.entry.own.stems), new Set(b.entry.own.stems)];
  const shared = one.intersection(other).size;
  return shared / (one.size + other.size - shared) > SAME_STEMS;
}

/** Documents in the order of their best quote, and each document as it is read. */
function inReadingOrder(quotes: readonly Quote[]): readonly Quote[] {
  const order = [...new Set(quotes.map(({ evidence }) => evidence.found.chunk.documentId))];
  const placeOf = ({ evidence }: Quote) => order.indexOf(evidence.found.chunk.documentId);
  const offsetOf = ({ evidence, start }: Quote) => evidence.found.chunk.start + start;
  return [...quotes].sort((a, b) => placeOf(a) - placeOf(b) || offsetOf(a) - offsetOf(b));
}
