/** A line of a text: `end` before its line break, `next` behind it. */
export interface LineBounds {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

const REST_OF_LINE = /[^\r\n]*/y;

export function lineAt(text: string, start: number): LineBounds {
  REST_OF_LINE.lastIndex = start;
  REST_OF_LINE.test(text);
  const end = REST_OF_LINE.lastIndex;
  const next = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
  return { start, end, next: Math.min(next, text.length) };
}

/** How far a line has been read. Columns count from 0, and a tab reaches to the next multiple of four. */
export interface Cursor {
  readonly text: string;
  readonly end: number;
  at: number;
  /** May lie within a tab, of which only a part was indentation of a container. */
  column: number;
  /** The next character that is neither a space nor a tab, or the end of the line. */
  next: number;
  nextColumn: number;
}

export function cursorAt(text: string, { start, end }: LineBounds): Cursor {
  const cursor = { text, end, at: start, column: 0, next: start, nextColumn: 0 };
  findNext(cursor);
  return cursor;
}

export function indentOf({ column, nextColumn }: Cursor): number {
  return nextColumn - column;
}

export function isBlank({ next, end }: Cursor): boolean {
  return next >= end;
}

/** What is left of the line, without the white space before it. */
export function restOf({ text, next, end }: Cursor): string {
  return text.slice(next, end);
}

/** Takes up to this many columns of white space. */
export function takeIndent(cursor: Cursor, columns: number): void {
  const target = Math.min(cursor.column + columns, cursor.nextColumn);
  while (cursor.column < target) {
    const after = columnAfter(cursor.text, cursor.at, cursor.column);
    if (after <= target) cursor.at += 1;
    cursor.column = Math.min(after, target);
  }
}

/** Takes the white space and this many characters behind it, none of which is a tab. */
export function takeMark(cursor: Cursor, chars: number): void {
  cursor.at = cursor.next + chars;
  cursor.column = cursor.nextColumn + chars;
  findNext(cursor);
}

function findNext(cursor: Cursor): void {
  let { at, column } = cursor;
  while (at < cursor.end && (cursor.text[at] === ' ' || cursor.text[at] === '\t')) {
    column = columnAfter(cursor.text, at, column);
    at += 1;
  }
  cursor.next = at;
  cursor.nextColumn = column;
}

function columnAfter(text: string, at: number, column: number): number {
  return text[at] === '\t' ? column - (column % 4) + 4 : column + 1;
}
