import { BLOCK, HEADING } from './tags.ts';
import { type Element, elementsIn, find, rawText, roleOf } from './tree.ts';

export interface Cell {
  readonly element: Element;
  readonly isHeader: boolean;
  readonly columns: number;
  readonly rows: number;
}

export interface Row {
  readonly element: Element;
  readonly cells: readonly Cell[];
  readonly isHeader: boolean;
  readonly isFooter: boolean;
}

export type TableKind = 'data' | 'code' | 'layout';

const CELL_ROLES = new Set(['cell', 'gridcell', 'columnheader', 'rowheader']);
const GROUPS = new Set(['thead', 'tbody', 'tfoot']);

export function isTable(element: Element): boolean {
  const role = roleOf(element);
  return element.name === 'table' || role === 'table' || role === 'grid' || role === 'treegrid';
}

/** Rows of a table in the order in which they are shown: what stands in its foot comes last. */
export function rowsOf(table: Element): Row[] {
  const rows: Row[] = [];
  collectRows(table, rows, { isHeader: false, isFooter: false });
  return [...rows.filter(({ isFooter }) => !isFooter), ...rows.filter(({ isFooter }) => isFooter)];
}

/** What stands in a table beside its rows: captions, and text that belongs in no table. */
export function strayChildren(table: Element): Element[] {
  return elementsIn(table).filter(
    (child) => !PARTS.has(child.name) && !/^row(?:group)?$/.test(roleOf(child)),
  );
}

const PARTS = new Set(['thead', 'tbody', 'tfoot', 'tr', 'colgroup', 'caption']);

function collectRows(element: Element, rows: Row[], group: Pick<Row, 'isHeader' | 'isFooter'>): void {
  for (const child of elementsIn(element)) {
    if (child.loss !== undefined) continue;
    if (child.name === 'tr' || roleOf(child) === 'row')
      rows.push({ element: child, cells: cellsOfRow(child), ...group });
    else if (GROUPS.has(child.name) || roleOf(child) === 'rowgroup')
      collectRows(child, rows, { isHeader: child.name === 'thead', isFooter: child.name === 'tfoot' });
  }
}

function cellsOfRow(row: Element): Cell[] {
  return elementsIn(row)
    .filter(
      (child) =>
        child.loss === undefined &&
        (child.name === 'td' || child.name === 'th' || CELL_ROLES.has(roleOf(child))),
    )
    .map((element) => ({
      element,
      isHeader:
        element.name === 'th' || roleOf(element) === 'columnheader' || roleOf(element) === 'rowheader',
      columns: spanOf(element, 'colspan'),
      rows: spanOf(element, 'rowspan'),
    }));
}

/** More columns than tables have would only multiply what a page of one line says. */
const MAX_SPAN = 50;

function spanOf({ attributes }: Element, name: string): number {
  const value = Number.parseInt(attributes[name] ?? attributes[`aria-${name}`] ?? '1', 10);
  const max = name === 'colspan' ? MAX_SPAN : 10_000;
  return Number.isFinite(value) && value >= 1 ? Math.min(value, max) : 1;
}

/** Whether a table shows data, the lines of a listing, or only lays out the page. */
export function kindOfTable(table: Element, rows: readonly Row[]): TableKind {
  const role = roleOf(table);
  if (isListing(rows)) return 'code';
  if (rows.slice(0, 3).some(hasNumberedCode)) return 'layout';
  if (role === 'presentation' || role === 'none') return 'layout';
  const hasHead = rows.some(({ cells, isHeader }) => isHeader || cells.some((cell) => cell.isHeader));
  const width = Math.max(0, ...rows.slice(0, 1000).map(({ cells }) => cells.length));
  const cells = rows.slice(0, 1000).flatMap((row) => row.cells);
  if (cells.some(({ element }) => holdsPageParts(element, hasHead))) return 'layout';
  if (hasHead || role !== '' || find(table, ({ name }) => name === 'caption') !== undefined) return 'data';
  return width < 2 || rows.length < 2 || cells.some(({ element }) => element.text > 1500) ? 'layout' : 'data';
}

/** Headings, or in a table without a head tables within, are parts of a page and no values. */
function holdsPageParts(cell: Element, hasHead: boolean): boolean {
  const isPart = ({ name }: Element) => (HEADING.has(name) && name < 'h4') || (!hasHead && name === 'table');
  return find(cell, isPart) !== undefined;
}

/** A cell of code with its line numbers in the cell before it. */
function hasNumberedCode({ cells }: Row): boolean {
  const isCode = ({ element }: Cell) =>
    find(element, ({ name }) => name === 'pre' || name === 'code') !== undefined;
  return cells.length > 1 && cells.some(({ element }) => isNumberCell(element)) && cells.some(isCode);
}

const NUMBER_CELL =
  /(?:^|[-_])(?:num|nums|number|numbers|lineno|linenos|linenums?|linenumbers?|gutter|ln|lntd)(?:$|[-_])/i;

/** Rows of a number and a line. */
function isListing(rows: readonly Row[]): boolean {
  const first = rows[0]?.cells ?? [];
  if (first.length < 2 || first.length > 3) return false;
  return rows.slice(0, 200).every(({ cells }) => {
    const code = cells.at(-1)?.element;
    const number = cells[0]?.element;
    if (
      code === undefined ||
      number === undefined ||
      find(code, ({ name }) => name !== 'code' && BLOCK.has(name)) !== undefined
    )
      return false;
    return isNumberCell(number) && /^\s*\d*\s*$/.test(rawText(number)) && cells.length === first.length;
  });
}

export function isNumberCell(cell: Element | undefined): boolean {
  if (cell === undefined) return false;
  return (
    cell.attributes['data-line-number'] !== undefined ||
    [...cell.classes].some((token) => NUMBER_CELL.test(token))
  );
}
