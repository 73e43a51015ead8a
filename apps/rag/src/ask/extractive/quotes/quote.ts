import type { Evidence } from '../evidence.ts';

/** What a list or table consists of, as it is counted for a reader. */
export type Entry = 'step' | 'item' | 'row';

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
  /** Of a numbered list or a table: how many steps or rows follow that are not quoted. */
  readonly rest?: { readonly entry: Entry; readonly left: number };
}

export function overlaps(a: Quote, b: Quote): boolean {
  return a.evidence.found === b.evidence.found && a.start < b.end && b.start < a.end;
}

export function lengthOf(quotes: readonly Quote[]): number {
  return quotes.reduce((sum, { start, end }) => sum + end - start, 0);
}

/** Sections in the order of their best quote, and each section as it is read. */
export function inReadingOrder(quotes: readonly Quote[]): readonly Quote[] {
  const sectionOf = ({ evidence: { found } }: Quote) =>
    [found.chunk.documentId, ...found.chunk.heading].join('\n');
  const order = [...new Set(quotes.toSorted((a, b) => b.score - a.score).map(sectionOf))];
  const offsetOf = ({ evidence, start }: Quote) => evidence.found.chunk.start + start;
  return quotes.toSorted(
    (a, b) => order.indexOf(sectionOf(a)) - order.indexOf(sectionOf(b)) || offsetOf(a) - offsetOf(b),
  );
}
