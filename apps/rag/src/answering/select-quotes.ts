import type { Evidence } from './evidence.ts';
import type { Candidate } from './rank-statements.ts';

/** A literal piece of a chunk chosen for the answer; offsets into the chunk's text. */
export interface Quote {
  readonly evidence: Evidence;
  readonly start: number;
  readonly end: number;
  /** What the quote speaks of and does not name: the label over it, or its heading. */
  readonly about: string | undefined;
  readonly score: number;
}

const MAX_QUOTES = 3;
const MAX_ANSWER_CHARS = 700;
/** A further statement is worth its place when it comes this near to the best one. */
const NEAR_BEST = 0.7;
const SAME_STEMS = 0.6;

/** One to three quotes out of the ranked statements: near the best, none twice, in reading order. */
export function selectQuotes(ranked: readonly Candidate[]): readonly Quote[] {
  const [best] = ranked;
  if (best === undefined) return [];
  const chosen: Candidate[] = [best];
  const quotes: Quote[] = [quoteOf(best)];
  for (const candidate of ranked.slice(1)) {
    if (quotes.length === MAX_QUOTES || candidate.score < best.score * NEAR_BEST) break;
    const quote = quoteOf(candidate);
    if (lengthOf([...quotes, quote]) > MAX_ANSWER_CHARS) continue;
    if (quotes.some((other) => overlaps(other, quote))) continue;
    if (chosen.some((other) => saysTheSame(other, candidate))) continue;
    chosen.push(candidate);
    quotes.push(quote);
  }
  return inReadingOrder(quotes);
}

const MAX_QUOTE_CHARS = 600;
const REFERS_BACK =
  /^[*_"'(]*(?:it|this|these|those|they|he|she|that|such|here|otherwise|instead|however|then)\b/i;

/** The statement with the label directly over it, or with the sentence before when it refers back to that. */
function quoteOf(candidate: Candidate): Quote {
  const { evidence, entry, position, score } = candidate;
  const { statement, lead } = entry;
  const end = statement.fullEnd;
  const refersBack = REFERS_BACK.test(entry.own.text);
  const previous = evidence.statements[position - 1]?.statement;
  const fits = (start: number) => end - start <= MAX_QUOTE_CHARS;
  if (statement.lead !== undefined && statement.isLeadAdjacent && fits(statement.lead.start)) {
    return { evidence, start: statement.lead.start, end, about: undefined, score };
  }
  if (refersBack && previous?.block === statement.block && fits(previous.start)) {
    return { evidence, start: previous.start, end, about: undefined, score };
  }
  const label =
    lead.text === '' || lead.text.endsWith(':') || statement.kind === 'row' ? undefined : lead.text;
  const about = label ?? (refersBack ? evidence.found.chunk.heading.at(-1) : undefined);
  return { evidence, start: statement.start, end, about, score };
}

function lengthOf(quotes: readonly Quote[]): number {
  return quotes.reduce((sum, { start, end }) => sum + end - start, 0);
}

function overlaps(a: Quote, b: Quote): boolean {
  return a.evidence === b.evidence && a.start < b.end && b.start < a.end;
}

function saysTheSame(a: Candidate, b: Candidate): boolean {
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
