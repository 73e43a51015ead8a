import { attribute, descendants, elements, type XmlElement } from '../../container/parse-xml.ts';
import type { RepeatBudget } from '../../repeat-budget.ts';
import type { SheetCell, SheetRow } from '../../tables/write-sheet.ts';
import type { OdfBlocks } from './blocks.ts';
import { repeated } from './repeats.ts';

const NUMBERS = /^(float|percentage|currency|date|time)$/;

/** Reads the rows of a sheet that are seen; the others are counted. */
export function readRows(sheet: XmlElement, blocks: OdfBlocks): SheetRow[] {
  const rows: SheetRow[] = [];
  const writer = blocks.writer.blocks;
  const budget = writer.repeats;
  let number = 0;
  const spans: Spans = new Map();
  for (const row of descendants(sheet, 'table-row')) {
    const cells = readCells(row, blocks, spans);
    const count = Number(attribute(row, 'number-rows-repeated') ?? 1) || 1;
    const isHidden = (attribute(row, 'visibility') ?? 'visible') !== 'visible';
    if (isHidden) for (const cell of cells.values()) writer.lose('hidden', cell.text.length);
    else if (cells.size > 0) {
      const columns = [...cells.keys()];
      for (const [copy, texts] of repeated([...cells.values()], row, { of: 'rows', budget }).entries())
        rows.push({ number: number + 1 + copy, cells: cellsOf(columns, texts) });
    }
    number += count;
  }
  return rows;
}

function cellsOf(columns: readonly number[], cells: readonly SheetCell[]): Map<number, SheetCell> {
  const pairs = cells.map((cell, index) => [columns[index] ?? 0, cell] as const);
  return new Map(pairs.filter(([, { text }]) => text !== ''));
}

/** A cell that stands in the rows below as well. */
interface Span {
  readonly cell: SheetCell;
  left: number;
}

type Spans = Map<number, Span>;

function readCells(row: XmlElement, blocks: OdfBlocks, spans: Spans): Map<number, SheetCell> {
  const cells = new Map<number, SheetCell>();
  const budget = blocks.writer.blocks.repeats;
  let column = 0;
  for (const element of elements(row)) {
    const cell = coveringCell(element, spans.get(column), budget) ?? readOwnCell(element, blocks);
    const height = Number(attribute(element, 'number-rows-spanned') ?? 1);
    if (height > 1) spans.set(column, { cell, left: height - 1 });
    const copies = cell.text === '' ? [] : repeated([cell], element, { of: 'columns', budget }).flat();
    for (const [copy, each] of copies.entries()) if (each.text !== '') cells.set(column + copy, each);
    column += Number(attribute(element, 'number-columns-repeated') ?? 1) || 1;
  }
  return cells;
}

function coveringCell(
  element: XmlElement,
  span: Span | undefined,
  budget: RepeatBudget,
): SheetCell | undefined {
  if (element.name !== 'covered-table-cell' || span === undefined || span.left === 0) return undefined;
  const text = budget.repeat(span.cell.text);
  if (text === undefined) return undefined;
  span.left -= 1;
  return { ...span.cell, text };
}

function readOwnCell(element: XmlElement, blocks: OdfBlocks): SheetCell {
  const cell = readCell(element, blocks);
  blocks.writer.blocks.repeats.allowFor(cell.text);
  return cell;
}

/** A value as it is shown; a date by ISO 8601, as the file states it. */
function readCell(element: XmlElement, blocks: OdfBlocks): SheetCell {
  const type = attribute(element, 'value-type') ?? '';
  const date = attribute(element, 'date-value')
    ?.replace('T', ' ')
    .replace(/ 00:00:00$/, '');
  return { text: date ?? blocks.flat(element), isNumber: NUMBERS.test(type) };
}
