import { type Band, bandAt, isGutter, type Region, regionOf, split } from './bands.ts';
import { hasHeader, takeGrids } from './grid.ts';
import { toLine } from './line.ts';
import type { Line, Table } from './line-parts.ts';
import type { Fragment, LoadedPage } from './load-page.ts';
import { type Row, toRows } from './rows.ts';
import { isTabular, joinContinued } from './tabular.ts';

export type Element = { readonly page: number; readonly y: number; readonly region: Region } & (
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'table'; readonly table: Table }
);

const MIN_TABLE_ROWS = 3;
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
