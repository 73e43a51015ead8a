import type { Ruling } from './drawing.ts';
import { toLine } from './line.ts';
import type { Line, Table } from './line-parts.ts';
import type { Fragment } from './load-page.ts';
import { type Row, toRows } from './rows.ts';

/** Lines that lie this close to each other, in points, are one, or touch. */
const NEAR = 3;
const MAX_CELLS = 20_000;

interface Grid {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly rulings: readonly Ruling[];
}

/** Takes the tables whose cells are drawn with lines out of the text of a page, each as a row of one segment. */
export function takeGrids(fragments: readonly Fragment[], rulings: readonly Ruling[], isMirrored: boolean) {
  const tables: Row[] = [];
  let rest = fragments;
  for (const grid of clusters(rulings).map(toGrid)) {
    const [x0, x1, y0, y1] = [grid.xs[0] ?? 0, grid.xs.at(-1) ?? 0, grid.ys[0] ?? 0, grid.ys.at(-1) ?? 0];
    if (grid.xs.length < 3 || grid.ys.length < 3 || grid.xs.length * grid.ys.length > MAX_CELLS) continue;
    const inside = rest.filter(
      (one) => isWithin(center(one), x0, x1) && isWithin(one.y - one.size / 3, y0, y1),
    );
    const table = toTable(inside, grid, isMirrored);
    if (table === undefined) continue;
    const taken = new Set(inside);
    rest = rest.filter((one) => !taken.has(one));
    tables.push({ segments: [{ fragments: inside, table, x0, x1 }], y: y1, size: inside[0]?.size ?? 1 });
  }
  return { tables, rest };
}

function clusters(rulings: readonly Ruling[]): Ruling[][] {
  const groups: Ruling[][] = [];
  for (const ruling of rulings) {
    const touching = groups.filter((group) => group.some((other) => touches(ruling, other)));
    const merged = [ruling, ...touching.flat()];
    for (const group of touching) groups.splice(groups.indexOf(group), 1);
    groups.push(merged);
  }
  return groups;
}

function touches(one: Ruling, other: Ruling): boolean {
  return (
    one.x0 <= other.x1 + NEAR &&
    other.x0 <= one.x1 + NEAR &&
    one.y0 <= other.y1 + NEAR &&
    other.y0 <= one.y1 + NEAR
  );
}

function toGrid(rulings: readonly Ruling[]): Grid {
  const upright = rulings.filter(({ x0, x1, y0, y1 }) => y1 - y0 > x1 - x0);
  if (upright.length === 0) return { xs: [], ys: [], rulings };
  return {
    xs: distinct(
      rulings.flatMap((one) => (upright.includes(one) ? [(one.x0 + one.x1) / 2] : [one.x0, one.x1])),
    ),
    ys: distinct(
      rulings.flatMap((one) => (upright.includes(one) ? [one.y0, one.y1] : [(one.y0 + one.y1) / 2])),
    ),
    rulings,
  };
}

function distinct(values: readonly number[]): number[] {
  const kept: number[] = [];
  for (const value of [...values].sort((a, b) => a - b)) {
    if (value - (kept.at(-1) ?? -Infinity) > NEAR) kept.push(value);
  }
  return kept;
}

/** Undefined for a frame, a chart or a drawing: those have words in few of their cells. */
function toTable(inside: readonly Fragment[], grid: Grid, isMirrored: boolean): Table | undefined {
  const cells = Array.from({ length: grid.ys.length - 1 }, () =>
    Array.from({ length: grid.xs.length - 1 }, (): Fragment[] => []),
  );
  for (const one of inside) cellAt(cells, grid, one)?.push(one);
  const filled = cells.filter((row) => row.some((cell) => cell.length > 0));
  const columns = grid.xs
    .slice(1)
    .filter((_, column) => filled.some((row) => (row[column]?.length ?? 0) > 0));
  const share = cells.flat().filter((cell) => cell.length > 0).length / cells.flat().length;
  if (filled.length < 2 || columns.length < 2 || share < 0.4) return undefined;
  const lines = filled.map((row) =>
    row.map((cell) => toRows(cell).map(({ segments }) => toLine(segments, isMirrored))),
  );
  return { cells: lines, hasHeader: hasHeader(lines) };
}

/** A cell over several columns or rows is the first of them. */
function cellAt(cells: Fragment[][][], { xs, ys, rulings }: Grid, one: Fragment): Fragment[] | undefined {
  const [x, y] = [center(one), one.y - one.size / 3];
  let column = xs.findIndex((left, index) => isWithin(x, left, xs[index + 1] ?? left));
  let row = ys.findIndex((top, index) => isWithin(y, top, ys[index + 1] ?? top));
  const isWall = (at: number) =>
    rulings.some(
      (r) => r.x1 - r.x0 <= NEAR && Math.abs(r.x0 - at) <= NEAR && r.y0 - NEAR <= y && y <= r.y1 + NEAR,
    );
  while (column > 0 && !isWall(xs[column] ?? 0)) column -= 1;
  const isFloor = (at: number) =>
    rulings.some(
      (r) => r.y1 - r.y0 <= NEAR && Math.abs(r.y0 - at) <= NEAR && r.x0 - NEAR <= x && x <= r.x1 + NEAR,
    );
  while (row > 0 && !isFloor(ys[row] ?? 0)) row -= 1;
  return cells[row]?.[column];
}

function center({ x, width }: Fragment): number {
  return x + width / 2;
}

function isWithin(value: number, from: number, to: number): boolean {
  return value >= from && value < to;
}

/** The first row names the columns if it alone is bold, or is in words above figures. */
export function hasHeader(rows: readonly (readonly (readonly Line[])[])[]): boolean {
  const [first = [], ...rest] = rows;
  if (first.some((cell) => cell.length === 0) || rest.length === 0) return false;
  const isBold = (row: typeof first) => row.every((cell) => cell.every((line) => line.isBold));
  if (isBold(first)) return !rest.every(isBold);
  const isFigure = (cell: readonly Line[] | undefined) =>
    cell !== undefined &&
    cell.length > 0 &&
    cell.every(({ text }) => /\d/.test(text) && !/\p{L}{4}/u.test(text));
  return !first.some(isFigure) && first.some((_, column) => rest.every((row) => isFigure(row[column])));
}
