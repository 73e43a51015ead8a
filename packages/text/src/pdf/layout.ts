import { greatest, least } from './extent.ts';
import { hasHeader, takeGrids } from './grid.ts';
import type { Fragment, LoadedPage } from './load-page.ts';
import { type Line, type Row, type Segment, type Table, toLine, toRows } from './rows.ts';

/** A column of text: where its lines can begin and end. */
export interface Region {
  readonly left: number;
  readonly right: number;
}

export type Element = { readonly page: number; readonly y: number; readonly region: Region } & (
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'table'; readonly table: Table }
);

/** Columns of running text have at least this many lines side by side. */
const MIN_COLUMN_LINES = 3;
const MIN_TABLE_ROWS = 3;
/** More rows than a page has: what takes more time than they do is hostile. */
const MAX_BAND_ROWS = 300;
/** This many lines with dots and a number make a table of contents of a page. */
const MIN_ENTRIES = 3;

/** Puts the text of a page into reading order: column after column, tables row by row. */
export function layOut(
  fragments: readonly Fragment[],
  page: Pick<LoadedPage, 'number' | 'drawing'>,
): Element[] {
  const { isMirrored, fragments: mirrored } = mirror(fragments);
  const rulings = page.drawing.rulings.map((one) =>
    isMirrored ? { ...one, x0: -one.x1, x1: -one.x0 } : one,
  );
  const { tables, rest } = takeGrids(mirrored, rulings, isMirrored);
  const rows = [...toRows(rest), ...tables].sort((a, b) => a.y - b.y);
  return new PageLayout(page.number, isMirrored, rows.filter(isEntry).length >= MIN_ENTRIES).read(rows);
}

/** Text that is read from right to left is laid out as if it were seen in a mirror. */
function mirror(fragments: readonly Fragment[]) {
  const letters = fragments.reduce((sum, { text }) => sum + text.length, 0);
  const rightToLeft = fragments.reduce((sum, one) => sum + (one.isRightToLeft ? one.text.length : 0), 0);
  const isMirrored = rightToLeft > letters / 2;
  return {
    isMirrored,
    fragments: isMirrored ? fragments.map((one) => ({ ...one, x: -one.x - one.width })) : fragments,
  };
}

/** The lines of one block, of which all is known but the order within each line. */
export function linesOf(fragments: readonly Fragment[]): Line[] {
  const { isMirrored, fragments: mirrored } = mirror(fragments);
  return toRows(mirrored).map(({ segments }) => toLine(segments, isMirrored));
}

class PageLayout {
  readonly #page: number;
  readonly #isMirrored: boolean;
  readonly #isContents: boolean;
  readonly #elements: Element[] = [];

  constructor(page: number, isMirrored: boolean, isContents: boolean) {
    this.#page = page;
    this.#isMirrored = isMirrored;
    this.#isContents = isContents;
  }

  /** A row apart at the upper or lower edge, as heads and feet of pages are, belongs to no column or table. */
  read(rows: readonly Row[]): Element[] {
    const isApart = (row: Row | undefined, next: Row | undefined) =>
      row !== undefined &&
      next !== undefined &&
      Math.abs(next.y - row.y) > 1.8 * Math.max(row.size, next.size);
    const start = isApart(rows[0], rows[1]) ? 1 : 0;
    const end = rows.length - (isApart(rows.at(-1), rows.at(-2)) ? 1 : 0);
    const region = regionOf(rows);
    for (const row of rows.slice(0, start)) this.#row(row, region);
    this.#column(rows.slice(start, end), region);
    for (const row of rows.slice(Math.max(end, start))) this.#row(row, region);
    return this.#elements;
  }

  #column(rows: readonly Row[], region: Region): void {
    for (let at = 0; at < rows.length; ) {
      const band = bandAt(rows, at);
      at += (band === undefined ? 0 : this.#band(band, region)) || this.#row(rows[at] as Row, region);
    }
  }

  /** Reads columns or a table, and says how many rows that took: 0 when the gaps mean neither. */
  #band(band: Band, region: Region): number {
    const gutters = band.gaps.filter((gap) => isGutter(band.rows, gap));
    if (gutters.length > 0) {
      for (const part of split(band.rows, gutters)) this.#column(part, regionOf(part));
      return band.rows.length;
    }
    const found = this.#tableIn(band);
    if (found === undefined) return 0;
    const { y } = band.rows[0] as Row;
    this.#elements.push({ kind: 'table', table: found.table, y, page: this.#page, region });
    return found.rows;
  }

  #row({ segments, y }: Row, region: Region): number {
    const base = { page: this.#page, y, region };
    const text = segments.filter(({ table }) => table === undefined);
    if (text.length > 0) {
      const line = toLine(text, this.#isMirrored);
      const isNumbered = text.length > 1 && /\s(?:\d+|[ivxlc]+)$/.test(line.text);
      const mark = this.#isContents && (LEADERS.test(line.text) || isNumbered) ? { isEntry: true } : {};
      this.#elements.push({ kind: 'line', line: { ...line, ...mark }, ...base });
    }
    for (const { table } of segments)
      if (table !== undefined) this.#elements.push({ kind: 'table', table, ...base });
    return 1;
  }

  /** A table by alignment alone, where that is certain: short cells in rows, a gap of a letter's height between. */
  #tableIn({ rows, gaps }: Band): { table: Table; rows: number } | undefined {
    const near = untilBreak(rows);
    const used = near.slice(0, near.findLastIndex(({ segments }) => segments.length > 1) + 1);
    if (used.length < MIN_TABLE_ROWS || (used[0]?.segments.length ?? 0) < 2) return undefined;
    const parts = used.map((row) => split([row], gaps).map((part) => part[0]?.segments ?? []));
    const cells = parts.map((row) =>
      row.map((segments) => (segments.length === 0 ? [] : [toLine(segments, this.#isMirrored)])),
    );
    if (!isTabular(cells)) return undefined;
    const merged = joinContinued(cells);
    return { table: { cells: merged, hasHeader: hasHeader(merged) }, rows: used.length };
  }
}

/** Dots that lead from a title to its page. */
const LEADERS = /(?:[.…·] ?){4}\s*\S{0,8}$/;

function isEntry({ segments }: Row): boolean {
  const text = segments.flatMap(({ fragments }) => fragments.map((one) => one.text)).join(' ');
  return LEADERS.test(text) && /\d$|[ivxlc]$/.test(text);
}

/** Rows of a table stand about equally far from each other; a bold row of one cell is the heading of what follows. */
function untilBreak(rows: readonly Row[]): readonly Row[] {
  const distances = rows.slice(1).map(({ y }, index) => y - (rows[index]?.y ?? 0));
  const usual = distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  const isHeading = ({ segments }: Row) =>
    segments.length === 1 && segments[0]?.fragments.every(({ font }) => font.isBold) === true;
  const end = rows.findIndex((row, at) => at > 0 && ((distances[at - 1] ?? 0) > 2 * usual || isHeading(row)));
  return end === -1 ? rows : rows.slice(0, end);
}

function regionOf(rows: readonly Row[]): Region {
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
interface Band {
  readonly rows: readonly Row[];
  readonly gaps: readonly Interval[];
}

function bandAt(rows: readonly Row[], from: number): Band | undefined {
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
function split(rows: readonly Row[], gaps: readonly Interval[]): Row[][] {
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
function isGutter(rows: readonly Row[], gap: Interval): boolean {
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

function isTabular(cells: readonly (readonly (readonly Line[])[])[]): boolean {
  const lines = cells.flat(2);
  const share = cells.flat().filter((cell) => cell.length > 0).length / cells.flat().length;
  const isCode = lines.filter(({ isFixedPitch }) => isFixedPitch).length > 0.8 * lines.length;
  const letters = lines.reduce((sum, { text }) => sum + text.length, 0) / lines.length;
  // Titles with the numbers of their pages, which never go down.
  const pages = cells.map((row) => Number.parseInt(row.at(-1)?.[0]?.text ?? '', 10));
  const isContents =
    pages.every((page, index) => page >= (pages[index - 1] ?? 0)) &&
    cells.every((row) => row.length === 2 && /\p{L}{2}/u.test(row[0]?.[0]?.text ?? ''));
  const hasLeaders = lines.some(({ text }) => /(?:\. ?){4}/.test(text));
  return share > 0.6 && letters < 40 && !isCode && !isContents && !hasLeaders;
}

/** A row whose first cell is empty goes on with the cells above, where it begins at their left edges. */
function joinContinued(rows: readonly (readonly (readonly Line[])[])[]): Line[][][] {
  const joined: Line[][][] = [];
  for (const row of rows) {
    const above = joined.at(-1);
    if (above === undefined || !isContinued(row, above)) joined.push(row.map((cell) => [...cell]));
    else for (const [column, cell] of row.entries()) above[column]?.push(...cell);
  }
  return joined;
}

function isContinued(row: readonly (readonly Line[])[], above: readonly (readonly Line[])[]): boolean {
  if (row[0]?.length !== 0) return false;
  return row.every(([line], column) => {
    const upper = above[column]?.[0];
    return line === undefined || (upper !== undefined && Math.abs(line.x0 - upper.x0) < line.size);
  });
}
