import type { DocumentWriter } from '../writer.ts';
import { inlineText } from './inline.ts';
import { indentOf, takeParagraph } from './lines.ts';

/** What the blocks of a document share while it is read. */
export interface Rst {
  readonly writer: DocumentWriter;
  readonly substitutions: ReadonlyMap<string, string>;
  /** Kinds of lines around titles in the order in which they came: the place is the level. */
  readonly titleMarks: string[];
  title: string | undefined;
  /** How many items are around. */
  itemDepth: number;
  /** Reads the blocks of some lines that stand at one indentation. */
  readBody(lines: readonly string[], place: Nesting): void;
}

export interface Nesting {
  /** How many blocks are around. */
  readonly depth: number;
  /** Whether titles may stand here. */
  readonly isTop: boolean;
}

/** Tries to read a block at a line. Gives the line behind it, undefined where it is none of this kind. */
export type BlockReader = (
  rst: Rst,
  lines: readonly string[],
  at: number,
  place: Nesting,
) => number | undefined;

/** What begins a block that is no paragraph. */
const NO_PARAGRAPH =
  /^(?:[-*+•‣⁃] |\.\.(?: |$)|\(?(?:\d+|[a-z]|#)[.)] |\+[-=]|=+ =|:[^:\s][^:]*: |>>> |\| |\s)/i;

export function toText(rst: Rst, text: string): string {
  return inlineText(text, rst.substitutions);
}

/** Reads what belongs to a block that has been written; to the one around, when nothing was. */
export function readWithin(
  rst: Rst,
  parent: number,
  { lines, depth }: { lines: readonly string[]; depth: number },
): void {
  const { writer } = rst;
  const outer = writer.parent;
  if (parent !== -1) writer.parent = parent;
  rst.readBody(lines, { depth: depth + 1, isTop: false });
  writer.parent = outer;
}

/** The first paragraph as text, '' where the lines begin with another kind of block; and the other lines. */
export function splitFirst(rst: Rst, lines: readonly string[]): { text: string; rest: readonly string[] } {
  const { lines: first, next } = takeParagraph(lines, 0);
  const isOther = NO_PARAGRAPH.test(first[0] ?? '') || indentOf(first[1] ?? '') > 0;
  if (isOther) return { text: '', rest: lines };
  const text = first.join(' ');
  const rest = lines.slice(next);
  // What is left of the colons announces the literal block that follows.
  return text.endsWith('::')
    ? { text: toText(rst, text.replace(/(^|\s)::$|:$/, '')), rest: ['::', ...rest] }
    : { text: toText(rst, text), rest };
}

/** A note with its first paragraph in it, and what follows below it. */
export function writeNote(rst: Rst, label: string, lines: readonly string[], depth: number): void {
  const { text, rest } = splitFirst(rst, lines);
  if (text === '' && rest.length === 0) return;
  readWithin(rst, rst.writer.note(text, label), { lines: rest, depth });
}

export function writeTerm(rst: Rst, term: string, lines: readonly string[], depth: number): void {
  const { text, rest } = splitFirst(rst, lines);
  readWithin(rst, rst.writer.definition(term, text), { lines: rest, depth });
}
