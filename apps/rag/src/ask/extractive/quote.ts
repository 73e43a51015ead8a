import type { Evidence } from './evidence.ts';

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
  /** Of a numbered list: how many steps follow that are not quoted. */
  readonly stepsLeft?: number;
}

export function overlaps(a: Quote, b: Quote): boolean {
  return a.evidence.found === b.evidence.found && a.start < b.end && b.start < a.end;
}

export function lengthOf(quotes: readonly Quote[]): number {
  return quotes.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Documents in the order of their best quote, and each document as it is read. */
export function inReadingOrder(quotes: readonly Quote[]): readonly Quote[] {
  const order = [...new Set(quotes.map(({ evidence }) => evidence.found.chunk.documentId))];
  const placeOf = ({ evidence }: Quote) => order.indexOf(evidence.found.chunk.documentId);
  const offsetOf = ({ evidence, start }: Quote) => evidence.found.chunk.start + start;
  return [...quotes].sort((a, b) => placeOf(a) - placeOf(b) || offsetOf(a) - offsetOf(b));
}
