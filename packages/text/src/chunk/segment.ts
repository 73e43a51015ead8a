import { skipBlank } from '../span.ts';
import { fenceEnd, openingFence } from './fence.ts';
import { type Line, lineAt } from './line.ts';

/** How a stretch of markdown is to be read. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  /** `code` and `table`: one block too long to be parsed, recognised by its lines alone. `plain`: not markdown. */
  readonly kind: 'markdown' | 'code' | 'table' | 'plain';
}

/** From this size on, the next safe place ends a segment; the parser needs up to 2 KB of memory a character. */
const SOFT_CHARS = 32 * 1024;
/** From this size on, any line end does. */
const HARD_CHARS = 64 * 1024;

const TABLE_RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const SAFE_START = /^(?![-+*>|][ \t>]|\d{1,9}[.)][ \t])\S/;
const FRONT_MATTER = /^---[ \t]*\r?\n(?=[\w-]+:)(?:[^\n]*\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/;

/** More containers in one line than people write; the parser's cost is quadratic in them. */
const DEEP_LINE = /^(?:[ \t]*(?:>|[-+*][ \t]|\d{1,9}[.)][ \t])){33}/m;

/**
 * Cuts markdown into pieces that can be parsed one by one with bounded time and memory. A cut in an unlucky
 * place (inside a long loose list or an HTML block) costs structure there, never an offset.
 */
export function segmentMarkdown(text: string): Segment[] {
  const segments: Segment[] = [];
  const front = FRONT_MATTER.exec(text)?.[0].length ?? 0;
  if (front > 0) segments.push({ start: 0, end: front, kind: 'plain' });
  let start = front;
  let previous = lineAt(text, start);
  for (let line = previous; line.start < text.length; line = lineAt(text, line.next)) {
    const long = longBlock(text, line, previous);
    if (long !== undefined && long.end - long.start > SOFT_CHARS) {
      pushMarkdown(segments, text, start, long.start);
      segments.push(long);
      start = long.end;
    } else if (isCut(text, start, line, previous)) {
      pushMarkdown(segments, text, start, line.start);
      start = line.start;
    }
    previous = line;
    if (long !== undefined) {
      previous = { start: long.end, end: long.end, next: long.end };
      line = previous;
    }
  }
  pushMarkdown(segments, text, start, text.length);
  return segments;
}

/** The fenced code that opens in this line, or the table whose rule it is, as far as it reaches. */
function longBlock(text: string, line: Line, previous: Line): Segment | undefined {
  const content = text.slice(line.start, Math.min(line.end, line.start + 1000));
  const fence = openingFence(content);
  if (fence !== undefined) return { start: line.start, end: fenceEnd(text, line, fence), kind: 'code' };
  const isRule = content.includes('-') && content.includes('|') && TABLE_RULE.test(content);
  if (isRule && previous.start < line.start && text.slice(previous.start, previous.end).includes('|')) {
    return { start: previous.start, end: tableEnd(text, line), kind: 'table' };
  }
  return undefined;
}

function tableEnd(text: string, rule: Line): number {
  let line = lineAt(text, rule.next);
  while (line.start < text.length && text.slice(line.start, line.end).includes('|')) {
    line = lineAt(text, line.next);
  }
  return Math.min(line.start, text.length);
}

function isCut(text: string, start: number, line: Line, previous: Line): boolean {
  const size = line.start - start;
  if (size < SOFT_CHARS) return false;
  if (size >= HARD_CHARS) return true;
  const isAfterBlank = text.slice(previous.start, previous.end).trim() === '';
  return isAfterBlank && SAFE_START.test(text.slice(line.start, line.start + 20));
}

function pushMarkdown(segments: Segment[], text: string, start: number, end: number): void {
  // Blank lines alone are skipped: the parser is slow on them.
  if (skipBlank(text, start, end) === end) return;
  // A single line beyond all measure has no structure worth its cost.
  const isPlain = end - start > 2 * HARD_CHARS || DEEP_LINE.test(text.slice(start, end));
  segments.push({ start, end, kind: isPlain ? 'plain' : 'markdown' });
}
