import type { DocumentWriter } from '../writer.ts';

export interface SheetCell {
  readonly text: string;
  readonly isNumber: boolean;
}

export interface SheetRow {
  /** Counted from 1. */
  readonly number: number;
  /** Cells with something in them, by their column counted from 0. */
  readonly cells: Map<number, SheetCell>;
}

interface OpenTable {
  readonly table: number;
  readonly columns: readonly number[];
}

/**
 * Writes the rows of a sheet: what stands alone in its row as a paragraph, the rest as tables that end at an empty row,
 * each with its first row as header where that holds only names.
 */
export function writeSheet(writer: DocumentWriter, rows: readonly SheetRow[]): void {
  let open: OpenTable | undefined;
  for (const region of regionsOf(rows)) {
    const start = region.findIndex((row) => row.cells.size > 1);
    const alone = start === -1 ? region : region.slice(0, start);
    for (const { cells } of alone) for (const cell of cells.values()) writer.paragraph(cell.text);
    if (start !== -1) open = writeTable(writer, region.slice(start), open);
  }
}

function regionsOf(rows: readonly SheetRow[]): SheetRow[][] {
  const regions: SheetRow[][] = [];
  for (const row of rows) {
    const region = regions.at(-1);
    if (region !== undefined && region.at(-1)?.number === row.number - 1) region.push(row);
    else regions.push([row]);
  }
  return regions;
}

function writeTable(
  writer: DocumentWriter,
  rows: readonly SheetRow[],
  open: OpenTable | undefined,
): OpenTable {
  const used = [...new Set(rows.flatMap((row) => [...row.cells.keys()]))].sort((a, b) => a - b);
  const first = rows[0]?.cells ?? new Map<number, SheetCell>();
  const isHeader = rows.length > 1 && isNames(first, used.length);
  // Rows below an empty one, without names of their own, go on with the table above.
  const goesOn = !isHeader && open !== undefined && used.every((column) => open.columns.includes(column));
  const columns = goesOn ? open.columns : used;
  const textsOf = (cells: ReadonlyMap<number, SheetCell>) =>
    columns.map((column) => cells.get(column)?.text ?? '');
  const table = goesOn ? open.table : writer.table(isHeader ? textsOf(first) : []);
  for (const [index, row] of rows.entries()) {
    writer.row(table, textsOf(row.cells), { isHeader: isHeader && index === 0 });
  }
  return { table, columns };
}

/** Names of columns are words, each another one, over at least half of the columns. */
function isNames(cells: ReadonlyMap<number, SheetCell>, width: number): boolean {
  const names = [...cells.values()];
  const isWords = names.every((cell) => !cell.isNumber);
  return (
    isWords && names.length * 2 >= width && new Set(names.map((cell) => cell.text)).size === names.length
  );
}
