import { greatest, least } from './extent.ts';
import type { Segment } from './line-parts.ts';
import type { Row } from './rows.ts';

/** A column of text: where its lines can begin and end. */
export interface Region {
  readonly left: number;
  readonly right: number;
}

/** Columns of running text have at least this many lines side by side. */
const MIN_COLUMN_LINES = 3;
/** More rows than a page has: what takes more time than they do is hostile. */
const MAX_BAND_ROWS = 300;

export function regionOf(rows: readonly Row[]): Region {
  const segments = rows.flatMap((row) => row.segments);
  return {
    left: least(segments.map(({ x0 }) => x0)),
    right: greatest(segments.map(({ x1 }) => x1)),
  };
}

interface Interval {
  readonly x0: number;
  readonly x1: number;
}

/** Rows that the same gaps run through from top to bottom. */
export interface Band {
  readonly rows: readonly Row[];
  readonly gaps: readonly Interval[];
}

export function bandAt(rows: readonly Row[], from: number): Band | undefined {
  let taken: Interval[] = [];
  let band: Band | undefined;
  for (let at = from; at < Math.min(rows.length, from + MAX_BAND_ROWS); at++) {
    const { segments, size } = rows[at] as Row;
    taken = union([...taken, ...segments]);
    const gaps = gapsBetween(taken, size);
    if (gaps.length > 0) band = { rows: rows.slice(from, at + 1), gaps };
    else if (band !== undefined || at > from) break;
  }
  return band;
}

function union(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { x0, x1 } of [...intervals].sort((a, b) => a.x0 - b.x0)) {
    const last = merged.at(-1);
    if (last !== undefined && x0 <= last.x1)
      merged[merged.length - 1] = { x0: last.x0, x1: Math.max(last.x1, x1) };
    else merged.push({ x0, x1 });
  }
  return merged;
}

function gapsBetween(taken: readonly Interval[], minWidth: number): Interval[] {
  return taken
    .slice(1)
    .map((next, index) => ({ x0: taken[index]?.x1 ?? 0, x1: next.x0 }))
    .filter(({ x0, x1 }) => x1 - x0 >= 0.95 * minWidth);
}

/** Cuts rows at gaps; a part without any row keeps its place. */
export function split(rows: readonly Row[], gaps: readonly Interval[]): Row[][] {
  const edges = [-Infinity, ...gaps.map(({ x0, x1 }) => (x0 + x1) / 2), Infinity];
  return edges.slice(1).map((right, index) =>
    rows
      .map((row) => ({
        ...row,
        segments: row.segments.filter(({ x0 }) => x0 >= (edges[index] ?? 0) && x0 < right),
      }))
      .filter(({ segments }) => segments.length > 0),
  );
}

/** Whether a gap parts columns of running text, by the order in which they were drawn, or by how they are filled. */
export function isGutter(rows: readonly Row[], gap: Interval): boolean {
  const [left = [], right = []] = split(rows, [gap]);
  const fewest = Math.min(left.length, right.length);
  if (fewest < MIN_COLUMN_LINES) return false;
  const sides = [left, right].flatMap((side, index) =>
    side.flatMap(({ segments }) => segments.map((one) => ({ order: orderOf(one), index }))),
  );
  sides.sort((a, b) => a.order - b.order);
  const returns = sides.filter(({ index }, at) => index === 0 && sides[at - 1]?.index === 1).length;
  const isRightFirst = returns === 1 && sides[0]?.index === 1;
  if (isRightFirst || returns <= (fewest < 6 ? 0 : Math.max(1, fewest / 8))) return true;
  return returns >= 0.8 * (fewest - 1) && fewest > MIN_COLUMN_LINES && isFilled(left) && isFilled(right);
}

function orderOf({ fragments }: Segment): number {
  return least(fragments.map(({ order }) => order));
}

/** Running text fills its lines; cells of a table do so by chance only. */
function isFilled(rows: readonly Row[]): boolean {
  const { left, right } = regionOf(rows);
  const full = rows.filter(({ segments, size }) => {
    const letters = segments
      .flatMap(({ fragments }) => fragments)
      .reduce((sum, { text }) => sum + text.length, 0);
    return letters > 20 && greatest(segments.map(({ x1 }) => x1)) - left > 0.8 * (right - left) - size;
  });
  return full.length > 0.7 * rows.length;
}
