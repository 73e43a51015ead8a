import { attribute, descendants, elements, type XmlElement } from '../../container/parse-xml.ts';
import type { SheetCell, SheetRow } from '../../tables/write-sheet.ts';
import type { DocumentWriter } from '../../writer.ts';
import type { OdfBlocks } from './blocks.ts';
import { repeats } from './repeats.ts';
import type { Styles } from './styles.ts';

const NUMBERS = /^(float|percentage|currency|date|time)$/;

/** Rows of a sheet; undefined for a hidden one, which is counted. */
export function readSheet(sheet: XmlElement, blocks: OdfBlocks, styles: Styles): SheetRow[] | undefined {
  const writer = blocks.writer.blocks;
  const rows = readRows(sheet, blocks, writer);
  if (!styles.of(attribute(sheet, 'style-name')).isHidden) return rows;
  for (const { cells } of rows) for (const cell of cells.values()) writer.lose('hidden', cell.text.length);
  return undefined;
}

function readRows(sheet: XmlElement, blocks: OdfBlocks, writer: DocumentWriter): SheetRow[] {
  const rows: SheetRow[] = [];
  let number = 0;
  const spans: Spans = new Map();
  for (const row of descendants(sheet, 'table-row')) {
    const cells = readCells(row, blocks, spans);
    const count = Number(attribute(row, 'number-rows-repeated') ?? 1) || 1;
    const isHidden = (attribute(row, 'visibility') ?? 'visible') !== 'visible';
    if (isHidden) for (const cell of cells.values()) writer.lose('hidden', cell.text.length);
    else if (cells.size > 0)
      for (let copy = 1; copy <= repeats(row, 'rows'); copy++) rows.push({ number: number + copy, cells });
    number += count;
  }
  return rows;
}

/** A cell that stands in the rows below as well. */
interface Span {
  readonly cell: SheetCell;
  left: number;
}

type Spans = Map<number, Span>;

function readCells(row: XmlElement, blocks: OdfBlocks, spans: Spans): Map<number, SheetCell> {
  const cells = new Map<number, SheetCell>();
  let column = 0;
  for (const element of elements(row)) {
    const cell = coveringCell(element, spans.get(column)) ?? readCell(element, blocks);
    const height = Number(attribute(element, 'number-rows-spanned') ?? 1);
    if (height > 1) spans.set(column, { cell, left: height - 1 });
    for (let copy = 0; cell.text !== '' && copy < repeats(element, 'columns'); copy++)
      cells.set(column + copy, cell);
    column += Number(attribute(element, 'number-columns-repeated') ?? 1) || 1;
  }
  return cells;
}

function coveringCell(element: XmlElement, span: Span | undefined): SheetCell | undefined {
  if (element.name !== 'covered-table-cell' || span === undefined || span.left === 0) return undefined;
  span.left -= 1;
  return span.cell;
}

/** A value as it is shown; a date by ISO 8601, as the file states it. */
function readCell(element: XmlElement, blocks: OdfBlocks): SheetCell {
  const type = attribute(element, 'value-type') ?? '';
  const date = attribute(element, 'date-value')
    ?.replace('T', ' ')
    .replace(/ 00:00:00$/, '');
  return { text: date ?? blocks.cell(element).text, isNumber: NUMBERS.test(type) };
}
