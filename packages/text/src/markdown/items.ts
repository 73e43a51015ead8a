import { plainName } from '../inline/plain-text.ts';
import { trimEnd } from '../span.ts';
import { type Cursor, indentOf, restOf, takeIndent, takeMark } from './cursor.ts';
import { closeFrames, enter } from './leaves.ts';
import { type BodySpan, claimStart, parentOf, type Scan, topFrame } from './scan.ts';

/** Longer paragraphs in front of a line that begins with a colon are no terms. */
const MAX_TERM_CHARS = 300;

/** `: text` below the line with its term. */
export function openDefinition(scan: Scan, cursor: Cursor, depth: number, inParagraph: boolean): boolean {
  const after = cursor.text[cursor.next + 1];
  if ((after !== ' ' && after !== '\t') || cursor.next + 2 >= cursor.end) return false;
  const found = termBefore(scan, cursor, depth, inParagraph);
  if (found === undefined || found.term === '') return false;
  const { start, term } = found;
  enter(scan, depth);
  takeMark(cursor, 1);
  const make = (span: BodySpan) => ({ kind: 'definition' as const, ...span, term });
  const own = { start, markEnd: cursor.next, make, index: -1 };
  scan.frames.push({ kind: 'definition', indent: 2, isEmpty: false, term, own });
  takeIndent(cursor, indentOf(cursor));
  return true;
}

/** The open paragraph, the one line before a blank one, or the term of the definition before. It is taken. */
function termBefore(scan: Scan, cursor: Cursor, depth: number, inParagraph: boolean) {
  const { leaf, blocks, lastLine } = scan;
  if (inParagraph && leaf?.kind === 'paragraph') {
    if (leaf.end - leaf.bodyStart > MAX_TERM_CHARS) return undefined;
    scan.leaf = undefined;
    return { start: leaf.start, term: termOf(scan.text.slice(leaf.bodyStart, leaf.end)) };
  }
  const before = scan.frames[depth];
  if (before?.term !== undefined) return { start: claimStart(scan, cursor.next), term: before.term };
  const last = blocks.at(-1);
  const isTerm = last !== undefined && lastLine === blocks.length - 1 && leaf === undefined;
  if (!isTerm || depth < scan.frames.length || last.end - last.start > MAX_TERM_CHARS) return undefined;
  if (last.parent !== parentOf(scan)) return undefined;
  blocks.pop();
  scan.lastLine = -1;
  return { start: last.start, term: termOf(scan.text.slice(last.bodyStart, last.bodyEnd)) };
}

function termOf(lines: string): string {
  const terms = lines.split(/[\r\n]+/).map((line) => plainName('markdown', line));
  return terms.join(', ');
}

const ITEM = /^(?:[-+*]|(\d{1,9})([.)]))(?=[ \t]|$)/;
/** One character more than the longest mark has. */
const ITEM_CHARS = 11;

export function openItem(scan: Scan, cursor: Cursor, depth: number, inParagraph: boolean): boolean {
  const { text, next, end } = cursor;
  const match = ITEM.exec(text.slice(next, Math.min(end, next + ITEM_CHARS)));
  if (match === null) return false;
  const [mark, number] = match;
  const isEmpty = trimEnd(text, next + mark.length, end) === next + mark.length;
  if (inParagraph && (isEmpty || (number !== undefined && Number(number) !== 1))) return false;
  const markIndent = indentOf(cursor);
  closeFrames(scan, depth);
  const start = claimStart(scan, next);
  takeMark(cursor, mark.length);
  const padding = isEmpty || indentOf(cursor) > 4 ? 1 : indentOf(cursor);
  takeIndent(cursor, padding);
  const make = itemMaker(scan, mark, takeBox(cursor));
  const own = { start, markEnd: Math.min(cursor.next, next + mark.length), make, index: -1 };
  scan.frames.push({ kind: 'item', indent: markIndent + mark.length + padding, isEmpty, own });
  return true;
}

/** Puts an item into the list that the container ends with if its mark is the same, else into a new one. */
function itemMaker(scan: Scan, mark: string, checked: boolean | undefined) {
  const parent = topFrame(scan);
  const kind = mark.slice(-1);
  const isSame = parent.list?.mark === kind;
  const id = isSame && parent.list !== undefined ? parent.list.id : scan.lists++;
  const isOrdered = mark.length > 1;
  const ordinal = isOrdered
    ? isSame
      ? (parent.list?.ordinal ?? 0) + 1
      : Number.parseInt(mark, 10)
    : undefined;
  parent.list = { id, mark: kind, ordinal };
  const depth = scan.frames.filter(({ kind: container }) => container === 'item').length;
  return (span: BodySpan) => ({ kind: 'item' as const, ...span, list: id, depth, ordinal, checked });
}

function takeBox(cursor: Cursor): boolean | undefined {
  const box = cursor.text[cursor.next] === '[' ? /^\[([ xX])\][ \t]/.exec(restOf(cursor)) : null;
  if (box === null) return undefined;
  takeMark(cursor, 3);
  takeIndent(cursor, indentOf(cursor));
  return box[1] !== ' ';
}
