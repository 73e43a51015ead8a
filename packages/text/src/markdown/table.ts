import { skipBlank, trimEnd } from '../span.ts';
import type { BodySpan } from './scan.ts';

/** The rule below the header, as far as it is worth reading. */
const RULE = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const MAX_RULE_CHARS = 4000;

/** How many columns the rule of a table has; 0 where the line is none. */
export function columnsOfRule(line: string): number {
  if (line.length > MAX_RULE_CHARS || !/[|:]/.test(line) || /^-[ \t]/.test(line) || !RULE.test(line))
    return 0;
  return line.split('|').filter((cell) => cell.trim() !== '').length;
}

export interface Cell {
  readonly start: number;
  readonly end: number;
}

/** Where the cells of a line of a table are, without the white space around them. `\|` is no border. */
export function cellSpans(text: string, start: number, end: number): Cell[] {
  const cells: Cell[] = [];
  let from = text[start] === '|' ? start + 1 : start;
  const close = (at: number) => {
    const first = skipBlank(text, from, at);
    cells.push({ start: first, end: trimEnd(text, first, at) });
    from = at + 1;
  };
  for (let at = from; at < end; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '|') close(at);
  }
  if (from < end) close(end);
  return cells;
}

export function rowOf(table: number, isHeader: boolean, cells: readonly Cell[], line: Cell) {
  const span: BodySpan = {
    ...line,
    bodyStart: cells[0]?.start ?? line.start,
    bodyEnd: cells.at(-1)?.end ?? line.end,
  };
  return { kind: 'row' as const, ...span, table, isHeader, cells: cells.map((cell) => cell.start) };
}
