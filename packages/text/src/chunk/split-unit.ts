import { skipBlank, skipBlankLines, trimEnd } from '../span.ts';
import type { UnitBlock } from './block.ts';
import { MAX_CHARS, TARGET_CHARS, WHOLE_CHARS } from './chunk.ts';

/** The unit as it is where it may stay whole, else in pieces of about the target size. Linear in its length. */
export function splitUnit(text: string, unit: UnitBlock): UnitBlock[] {
  const limit = unit.kind === 'whole' ? WHOLE_CHARS : MAX_CHARS;
  if (unit.end - unit.start <= limit) return [unit];
  const pieces: UnitBlock[] = [];
  const skip = unit.kind === 'whole' ? skipBlankLines : skipBlank;
  let start = unit.start;
  while (start < unit.end) {
    const cut = unit.end - start <= MAX_CHARS ? unit.end : findCut(text, start, unit);
    const end = trimEnd(text, start, cut);
    if (end > start) pieces.push({ ...unit, start, end });
    start = skip(text, cut, unit.end);
  }
  return pieces;
}

/** Where the piece from `start` on should end: as good a place as there is near its fair share of the rest. */
function findCut(text: string, start: number, unit: UnitBlock): number {
  const rest = unit.end - start;
  const fair = rest / Math.ceil(rest / TARGET_CHARS);
  const window = text.slice(start, start + Math.min(MAX_CHARS, Math.ceil(fair * 1.2)));
  const places = unit.kind === 'whole' ? [LINE_END, WORD_END] : [SENTENCE_END, LINE_END, WORD_END];
  for (const place of places) {
    const cut = nearestCut(window, place, fair);
    if (cut !== undefined) return start + cut;
  }
  return start + avoidHalves(window);
}

const SENTENCE_END = /[.!?…]["'”’)\]*_]*(?=\s)|[。！？]|(?:\r\n|\n|\r)[^\S\r\n]*(?=[\r\n])/g;
const LINE_END = /\r\n|\n|\r/g;
const WORD_END = /\s+/g;

/** The cut that is nearest to the fair share, in the half before it or behind it. */
function nearestCut(window: string, place: RegExp, fair: number): number | undefined {
  let cut: number | undefined;
  for (const match of window.matchAll(place)) {
    const end = match.index + match[0].length;
    // White space at the very end may go on behind the window.
    if (end < fair / 2 || end >= window.length) continue;
    if (cut === undefined || Math.abs(end - fair) < Math.abs(cut - fair)) cut = end;
  }
  return cut;
}

/** Never between the halves of a surrogate pair. */
function avoidHalves(window: string): number {
  const last = window.charCodeAt(window.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? window.length - 1 : window.length;
}
