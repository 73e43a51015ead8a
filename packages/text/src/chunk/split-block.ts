import { skipBlank, skipBlankLines, trimEnd } from '../span.ts';
import { MAX_CHARS, TARGET_CHARS, WHOLE_CHARS } from './chunk.ts';

/** How a stretch of text may be cut. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  /** Code and rows stay whole up to `WHOLE_CHARS`, and are cut between lines beyond. */
  readonly isWhole: boolean;
}

/** The stretch as it is where it may stay whole, else in pieces of about the target size. Linear in its length. */
export function splitBlock(text: string, { start, end, isWhole }: Stretch): { start: number; end: number }[] {
  if (end - start <= (isWhole ? WHOLE_CHARS : MAX_CHARS)) return [{ start, end }];
  const pieces: { start: number; end: number }[] = [];
  const places = isWhole
    ? [LINE_END, WORD_END]
    : hasRecords(text.slice(start, end))
      ? [LINE_END, SENTENCE_END, WORD_END]
      : [SENTENCE_END, LINE_END, WORD_END];
  const skip = isWhole ? skipBlankLines : skipBlank;
  let from = start;
  while (from < end) {
    const cut = end - from <= MAX_CHARS ? end : findCut(text, from, end - from, places);
    const last = trimEnd(text, from, cut);
    if (last > from) pieces.push({ start: from, end: last });
    from = skip(text, cut, end);
  }
  return pieces;
}

/** What tells the lines of a log or of settings from those of wrapped prose, most of which begin within a sentence. */
const LEAST_RECORDS = 0.6;
const SAMPLE_CHARS = 8000;

function hasRecords(text: string): boolean {
  const lines = text.slice(0, SAMPLE_CHARS).match(/(?<=[\r\n])[^\r\n]+/g) ?? [];
  const records = lines.filter((line) => !/^\s*[("'“«]*[\p{Ll}\p{Lo}]/u.test(line));
  return lines.length > 1 && records.length >= lines.length * LEAST_RECORDS;
}

/** Where the piece from `start` on should end: as good a place as there is near its fair share of the rest. */
function findCut(text: string, start: number, rest: number, places: readonly RegExp[]): number {
  const fair = rest / Math.ceil(rest / TARGET_CHARS);
  const window = text.slice(start, start + Math.min(MAX_CHARS, Math.ceil(fair * 1.2)));
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
