import { composeAccents } from './accents.ts';
import { greatest, least } from './extent.ts';
import type { Line, LineRun, Segment } from './line-parts.ts';
import type { Fragment } from './load-page.ts';

/** Joins segments of one row: a gap is one space in prose, and as many as fit in code. */
export function toLine(segments: readonly Segment[], isMirrored: boolean): Line {
  const all = segments.flatMap(({ fragments }) => fragments);
  const numbered = withoutNumber(all);
  const sorted = numbered?.code ?? all;
  const main = mainOf(sorted);
  const letters = lettersOf(sorted);
  const fixed = sorted.filter(({ font }) => font.isFixedPitch);
  const isFixedPitch = lettersOf(fixed) > 0.85 * letters;
  const measured = isFixedPitch ? fixed : sorted;
  const width = measured.reduce((sum, one) => sum + one.width, 0) / lettersOf(measured);
  const pitch = Math.max(width, 0.2 * main.size, 0.1);
  const runs: LineRun[] = [];
  let before: Fragment | undefined;
  for (const one of inReadingOrder(sorted, isMirrored)) {
    const spaces = before === undefined ? 0 : spacesBetween(before, one, isFixedPitch ? pitch : undefined);
    if (spaces > 0) runs.push({ text: ' '.repeat(spaces), font: one.font, shift: undefined });
    runs.push({ text: one.text, font: one.font, shift: shiftOf(one, main) });
    before = one;
  }
  const composed = composeAccents(runs);
  return {
    runs: composed,
    text: composed.map(({ text }) => text).join(''),
    x0: least(sorted.map(({ x }) => x)),
    x1: greatest(sorted.map(({ x, width }) => x + width)),
    y: main.y,
    size: main.size,
    isBold: lettersOf(sorted.filter(({ font }) => font.isBold)) > 0.9 * letters,
    isFixedPitch,
    pitch,
    hasGap: segments.some(({ x0 }, index) => x0 - (segments[index - 1]?.x1 ?? x0) > 2 * main.size),
    ...(numbered !== undefined && { number: numbered.number }),
  };
}

/** Code that has the number of its line before it, in letters that are not those of the code. */
function withoutNumber([first, ...code]: readonly Fragment[]) {
  if (first === undefined || code.length === 0 || first.font.isFixedPitch || !/^\d+$/.test(first.text))
    return undefined;
  const isCode = lettersOf(code.filter(({ font }) => font.isFixedPitch)) > 0.85 * lettersOf(code);
  const gap = (code[0]?.x ?? 0) - first.x - first.width;
  return isCode && gap > 0.4 * first.size ? { number: first.text, code } : undefined;
}

function lettersOf(fragments: readonly Fragment[]): number {
  return fragments.reduce((sum, { text }) => sum + text.length, 0);
}

/** More spaces than a line is wide are a mistake of the file. */
const MAX_SPACES = 200;

function spacesBetween(before: Fragment, next: Fragment, pitch: number | undefined): number {
  const gap = gapBetween(before, next);
  if (pitch !== undefined) return Math.min(Math.max(Math.round(gap / pitch), 0), MAX_SPACES);
  return gap > 0.2 * next.size || (next.hasSpaceBefore && gap > 0.05 * next.size) ? 1 : 0;
}

function gapBetween(one: Fragment, other: Fragment): number {
  return Math.max(other.x - one.x - one.width, one.x - other.x - other.width);
}

/** Words of the other direction stand in their own order within a line: numbers in Arabic, Hebrew in English. */
function inReadingOrder(sorted: readonly Fragment[], isMirrored: boolean): Fragment[] {
  const line: Fragment[] = [];
  let other: Fragment[] = [];
  for (const one of sorted) {
    if (one.isRightToLeft === isMirrored || !/[\p{L}\p{N}]/u.test(one.text)) {
      line.push(...other.reverse(), one);
      other = [];
    } else other.push(one);
  }
  return [...line, ...other.reverse()];
}

function shiftOf(one: Fragment, main: Fragment): LineRun['shift'] {
  // The A of LaTeX is set high as well.
  if (one.size > 0.88 * main.size || one.text === 'A') return undefined;
  const raised = (main.y - one.y) / main.size;
  if (raised > 0.2 && !/^(?:st|nd|rd|th|er|re|[\p{M}\p{Sk}™®©*∗†‡′″'’]+)$/u.test(one.text)) return 'up';
  return raised < -0.1 ? 'down' : undefined;
}

/** The fragment on whose baseline the others are raised or lowered. */
export function mainOf(fragments: readonly Fragment[]): Fragment {
  return fragments.reduce((best, one) => (weight(one) > weight(best) ? one : best));
}

function weight({ text, size }: Fragment): number {
  return text.length * size ** 3;
}
