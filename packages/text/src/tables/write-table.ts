import type { RepeatBudget } from '../repeat-budget.ts';
import type { DocumentWriter } from '../writer.ts';

export interface Cell {
  readonly text: string;
  /** How many columns it spans. */
  readonly columns?: number | undefined;
  /** How many rows it spans. */
  readonly rows?: number | undefined;
  /** Whether it goes on with the cell above, where the file says so instead of `rows`. */
  readonly isContinued?: boolean | undefined;
  /** Whether the file has it once, in another place. */
  readonly isRepeated?: boolean | undefined;
}

/** How far a span widens a row: it may state any number. */
const MAX_SPANNED_COLUMNS = 256;

/**
 * Writes a table. A cell that spans rows stands in each of them, so that every row can be read on its own; one that
 * spans columns stands in the first.
 */
export function writeTable(
  writer: DocumentWriter,
  rows: readonly (readonly Cell[])[],
  headerRows: number,
): void {
  const grid = fillSpans(rows, writer.repeats).filter((row) => row.some((text) => text.trim() !== ''));
  const header = grid.length > headerRows ? grid.slice(0, headerRows) : [];
  const table = writer.table(columnNames(header));
  for (const [index, row] of grid.entries()) writer.row(table, row, { isHeader: index < header.length });
}

/** Names of the columns; a header of two rows gives "Latency p50". */
function columnNames(header: readonly (readonly string[])[]): string[] {
  const names = (header.at(-1) ?? []).map((_, column) => header.map((row) => row[column] ?? ''));
  return names.map((parts) => [...new Set(parts)].join(' ').trim());
}

interface OpenSpan {
  readonly text: string;
  left: number;
}

function fillSpans(rows: readonly (readonly Cell[])[], repeats: RepeatBudget): string[][] {
  const open: OpenSpan[] = [];
  let above: string[] = [];
  return rows.map((cells) => {
    const row: string[] = [];
    for (const cell of cells) {
      if (cell.isRepeated !== true) repeats.allowFor(cell.text);
      fillFromAbove(row, open, repeats);
      placeCell(cell, row, { open, above, repeats });
    }
    fillFromAbove(row, open, repeats);
    above = row;
    return row;
  });
}

function fillFromAbove(row: string[], open: readonly OpenSpan[], repeats: RepeatBudget): void {
  for (let span = open[row.length]; span !== undefined && span.left > 0; span = open[row.length]) {
    const text = repeats.repeat(span.text);
    if (text === undefined) return;
    span.left -= 1;
    row.push(text);
  }
}

function placeCell(
  { text, columns = 1, rows = 1, isContinued = false }: Cell,
  row: string[],
  { open, above, repeats }: { open: OpenSpan[]; above: readonly string[]; repeats: RepeatBudget },
): void {
  const width = Math.max(columns, 1) || 1;
  for (let column = 0; column === 0 || (column < width && row.length < MAX_SPANNED_COLUMNS); column++) {
    const own = column === 0 ? text : '';
    if (column > 0 && repeats.repeat(own) === undefined) return;
    if (rows > 1) open[row.length] = { text: own, left: rows - 1 };
    row.push(isContinued ? (repeats.repeat(above[row.length] ?? '') ?? '') : own);
  }
}
