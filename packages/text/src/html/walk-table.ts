import { codeLanguage } from './code-language.ts';
import { codeText, countsLines, startsWithDigit } from './code-text.ts';
import { RowReader } from './row-reader.ts';
import { type Cell, isNumberCell, kindOfTable, type Row, rowsOf, strayChildren } from './table-rows.ts';
import { BLOCK } from './tags.ts';
import { type Element, elementsIn, find } from './tree.ts';
import type { Walk } from './walk.ts';

export function walkTable(walk: Walk, table: Element): void {
  const rows = rowsOf(table);
  const kind = kindOfTable(table, rows);
  if (kind === 'layout') walk.flush();
  else walk.settle();
  for (const child of elementsIn(table)) if (child.name === 'caption') writeCaption(walk, child);
  for (const child of table.children) if (typeof child === 'string') walk.buffer.text(child);
  for (const child of strayChildren(table))
    if (child.loss === undefined || child.loss === 'hidden') walk.element(child);
  walk.flush();
  if (kind === 'code') writeListing(walk, table);
  else if (kind === 'layout') walkLayout(walk, rows);
  else writeRows(walk, rows);
}

/** A table of boxes that a style sheet lays out. */
export function walkGrid(walk: Walk, grid: Element): void {
  walk.settle();
  const rows: Row[] = [];
  let cells: Cell[] = [];
  for (const element of elementsIn(grid)) {
    if (element.loss !== undefined) continue;
    if (element.classes.has('col-first') || cells.length === 0) {
      cells = [];
      rows.push({ element, cells, isHeader: element.classes.has('table-header'), isFooter: false });
    }
    cells.push({ element, isHeader: element.classes.has('table-header'), columns: 1, rows: 1 });
  }
  writeRows(walk, rows);
}

function writeCaption(walk: Walk, caption: Element): void {
  walk.writer.caption(walk.flat(caption));
}

function writeListing(walk: Walk, table: Element): void {
  const { text, numbers } = codeText(table);
  walk.writer.lose('line-numbers', numbers);
  walk.writer.code(text, codeLanguage(table));
}

/** Cells of a table that only lays out the page are read one after another; a row of short texts is one line. */
function walkLayout(walk: Walk, rows: readonly Row[]): void {
  const isText = rows.every(({ cells }) => cells.every(({ element }) => isInline(element)));
  for (const { cells } of rows) {
    if (isText && rows.length < 50) {
      writeLine(walk, cells);
      continue;
    }
    const isLine = cells.every(({ element }) => isInline(element) && element.text < 200);
    for (const { element } of withoutNumbers(walk, cells)) {
      if (isLine) {
        walk.children(element);
        walk.buffer.space();
      } else walk.element(element);
    }
    walk.flush();
  }
  walk.flush();
}

function writeLine(walk: Walk, cells: readonly Cell[]): void {
  for (const { element } of cells) {
    walk.children(element);
    walk.buffer.space();
  }
  walk.buffer.lineBreak();
}

function isInline(element: Element): boolean {
  return find(element, ({ name }) => BLOCK.has(name)) === undefined;
}

/** A cell that only counts the lines of the code beside it. */
function withoutNumbers(walk: Walk, cells: readonly Cell[]): readonly Cell[] {
  if (cells.length < 2 || !cells.some(({ element }) => startsWithDigit(element))) return cells;
  const texts = cells.map(({ element }) => codeText(element).text.trim());
  const isNumbers = (text: string, index: number) =>
    (countsLines(text) || (/^\d{1,6}$/.test(text) && isNumberCell(cells[index]?.element))) &&
    texts.some((other, at) => at !== index && other.split('\n').length === text.split('\n').length);
  return cells.filter((_, index) => {
    const text = texts[index] ?? '';
    if (!isNumbers(text, index)) return true;
    walk.writer.lose('line-numbers', text.length);
    return false;
  });
}

function writeRows(walk: Walk, allRows: readonly Row[]): void {
  const title = titleCell(allRows);
  if (title !== undefined) walk.writer.caption(walk.flat(title));
  const rows = title === undefined ? allRows : allRows.slice(1);
  const reader = new RowReader(walk);
  const count = headerRows(rows);
  const heads = rows.slice(0, count).map((row) => reader.read(row, true));
  const table = walk.writer.table(columnNames(heads));
  for (const head of heads) walk.writer.row(table, head, { isHeader: true });
  for (const row of rows.slice(count)) walk.writer.row(table, reader.read(row, false), { isHeader: false });
}

/** A first row of one head over all columns names the table. */
function titleCell(rows: readonly Row[]): Element | undefined {
  const [first, second] = rows;
  const [cell] = first?.cells ?? [];
  const isOver = first?.cells.length === 1 && cell?.isHeader === true && cell.columns > 1;
  return isOver && second !== undefined ? cell.element : undefined;
}

/** Rows at the top that only name the columns. */
function headerRows(rows: readonly Row[]): number {
  const marked = rows.findIndex(({ isHeader }) => !isHeader);
  if (marked > 0) return marked;
  if (marked === -1) return rows.length;
  if (hasBoldHead(rows)) return 1;
  const isHead = ({ cells }: Row) =>
    cells.length > 0 && cells.every(({ isHeader, element }) => isHeader || element.text === 0);
  const plain = rows.findIndex((row) => !isHead(row));
  return plain === -1 ? 1 : Math.min(plain, 5);
}

/** Word processors mark the heads of columns by bold letters alone. */
function hasBoldHead(rows: readonly Row[]): boolean {
  const [first, second] = rows;
  if (first === undefined || second === undefined || first.cells.length < 2) return false;
  if (rows.some(({ cells }) => cells.some(({ isHeader }) => isHeader))) return false;
  return first.cells.every(isBold) && second.cells.length > 1 && !second.cells.every(isBold);
}

function isBold({ element }: Cell): boolean {
  const isWhole = ({ name, text }: Element) => (name === 'b' || name === 'strong') && text === element.text;
  return element.text > 0 && find(element, isWhole) !== undefined;
}

function columnNames(heads: readonly (readonly string[])[]): string[] {
  const width = Math.max(0, ...heads.map(({ length }) => length));
  return Array.from({ length: width }, (_, column) => {
    const names = heads.map((head) => head[column] ?? '').filter((name) => name !== '');
    return [...new Set(names)].join(' ');
  });
}
