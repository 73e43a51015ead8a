import { greatest, least } from './extent.ts';
import type { Font, Fragment } from './load-page.ts';

/** A stretch of text on one line that no wide gap interrupts. */
export interface Segment {
  readonly fragments: readonly Fragment[];
  /** Stands in the place of a table with lines. */
  readonly table?: Table;
  readonly x0: number;
  readonly x1: number;
}

/** What stands on one line, over all columns. */
export interface Row {
  readonly segments: readonly Segment[];
  readonly y: number;
  readonly size: number;
}

export interface Table {
  readonly cells: readonly (readonly (readonly Line[])[])[];
  readonly hasHeader: boolean;
}

export interface LineRun {
  readonly text: string;
  readonly font: Font;
  readonly shift: 'up' | 'down' | undefined;
}

/** A line of one column, from the text of its segments. */
export interface Line {
  readonly runs: readonly LineRun[];
  readonly text: string;
  readonly x0: number;
  readonly x1: number;
  readonly y: number;
  /** Of most of its letters. */
  readonly size: number;
  readonly isBold: boolean;
  readonly isFixedPitch: boolean;
  /** Average width of a letter. */
  readonly pitch: number;
  /** Whether it has a gap as wide as two letters are high: words that run on have none. */
  readonly hasGap: boolean;
  /** Entry of a table of contents: its title, its dots and its page. */
  readonly isEntry?: boolean;
}

/** Height of small letters with half of what rises above them: what makes two pieces stand on one line. */
const BODY_HEIGHT = 0.7;
/** From here on, a gap may be one between columns. */
const GAP = 0.7;
const MARKER = /^(?:[•◦▪▸►‣⁃●○■□➢✓✔\uf0b7\uf0a7\uf076*–—-]|o|\(?(?:\d{1,3}|[a-z]|[ivx]{1,5})[.)])$/i;
const SECTION_NUMBER = /^(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)+)\.?$/;

/** @param fragments of one direction, in any order */
export function toRows(fragments: readonly Fragment[]): Row[] {
  const groups: Fragment[][] = [];
  for (const fragment of [...fragments].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const row = groups.slice(-6).findLast((group) => isOnLineOf(fragment, largest(group)));
    if (row === undefined) groups.push([fragment]);
    else row.push(fragment);
  }
  return groups.map(toRow).sort((a, b) => a.y - b.y);
}

function largest(group: readonly Fragment[]): Fragment {
  return group.reduce((best, one) => (one.size > best.size ? one : best));
}

function isOnLineOf(one: Fragment, other: Fragment): boolean {
  const [small, large] = [Math.min(one.size, other.size), Math.max(one.size, other.size)];
  // A large initial or a large bracket is as high as several lines.
  if (large > 2.2 * small) return Math.abs(one.y - other.y) < 0.3 * small;
  const top = Math.max(one.y - BODY_HEIGHT * one.size, other.y - BODY_HEIGHT * other.size);
  return Math.min(one.y, other.y) - top > 0.5 * BODY_HEIGHT * small;
}

function toRow(fragments: readonly Fragment[]): Row {
  const sorted = withoutCopies([...fragments].sort((a, b) => a.x - b.x));
  const main = mainOf(sorted);
  const segments: Fragment[][] = [];
  let end = -Infinity;
  for (const fragment of sorted) {
    const before = segments.at(-1);
    const isMarker = before?.length === 1 && leadsOn(before[0]);
    const limit = (isMarker ? 4 : GAP) * Math.max(main.size, fragment.size);
    if (before === undefined || fragment.x - end > limit) segments.push([fragment]);
    else before.push(fragment);
    end = Math.max(end, fragment.x + fragment.width);
  }
  return { segments: segments.map(toSegment), y: main.y, size: main.size };
}

/** Whether what follows belongs to it in spite of the gap: a bullet, "2.", "(a)", the number of a heading. */
function leadsOn(first: Fragment | undefined): boolean {
  if (first === undefined) return false;
  return MARKER.test(first.text) || (first.font.isBold && SECTION_NUMBER.test(first.text));
}

/** Bold is also made by drawing the same letters twice. */
function withoutCopies(sorted: readonly Fragment[]): Fragment[] {
  return sorted.filter((one, index) => {
    const before = sorted[index - 1];
    return (
      before === undefined ||
      before.text !== one.text ||
      one.x - before.x > 0.15 * one.size ||
      Math.abs(one.y - before.y) > 0.15 * one.size
    );
  });
}

/** The fragment on whose baseline the others are raised or lowered. */
function mainOf(fragments: readonly Fragment[]): Fragment {
  return fragments.reduce((best, one) => (weight(one) > weight(best) ? one : best));
}

function weight({ text, size }: Fragment): number {
  return text.length * size ** 3;
}

function toSegment(fragments: readonly Fragment[]): Segment {
  const x1 = greatest(fragments.map(({ x, width }) => x + width));
  return { fragments, x0: fragments[0]?.x ?? 0, x1 };
}

/** Joins segments of one row: a gap is one space in prose, and as many as fit in code. */
export function toLine(segments: readonly Segment[], isMirrored: boolean): Line {
  const sorted = segments.flatMap(({ fragments }) => fragments);
  const main = mainOf(sorted);
  const letters = sorted.reduce((sum, { text }) => sum + text.length, 0);
  const share = (test: (one: Fragment) => boolean) =>
    sorted.reduce((sum, one) => sum + (test(one) ? one.text.length : 0), 0) / letters;
  const isFixedPitch = share(({ font }) => font.isFixedPitch) > 0.85;
  const fixed = sorted.filter(({ font }) => font.isFixedPitch);
  const pitchOf = isFixedPitch ? fixed : sorted;
  const pitch = sum(pitchOf.map(({ width }) => width)) / sum(pitchOf.map(({ text }) => text.length));
  const runs: LineRun[] = [];
  let before: Fragment | undefined;
  for (const one of inReadingOrder(sorted, isMirrored)) {
    const gap = before === undefined ? 0 : gapBetween(before, one);
    const spaces = isFixedPitch
      ? Math.round(gap / pitch)
      : gap > 0.2 * one.size || (one.hasSpaceBefore && gap > 0.05 * one.size)
        ? 1
        : 0;
    if (before !== undefined && spaces > 0)
      runs.push({ text: ' '.repeat(spaces), font: one.font, shift: undefined });
    runs.push({ text: one.text, font: one.font, shift: shiftOf(one, main) });
    before = one;
  }
  return {
    runs,
    text: runs.map(({ text }) => text).join(''),
    x0: least(sorted.map(({ x }) => x)),
    x1: greatest(sorted.map(({ x, width }) => x + width)),
    y: main.y,
    size: main.size,
    isBold: share(({ font }) => font.isBold) > 0.9,
    isFixedPitch,
    pitch,
    hasGap: segments.some(({ x0 }, index) => x0 - (segments[index - 1]?.x1 ?? x0) > 2 * main.size),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
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
  if (raised > 0.2 && !/^(?:st|nd|rd|th|er|re|[\p{M}\p{Sk}™®©*†‡′″'’]+)$/u.test(one.text)) return 'up';
  return raised < -0.1 ? 'down' : undefined;
}
