import { type Cell, writeTable } from '../tables/write-table.ts';
import { isBlank, takeParagraph } from './lines.ts';
import { type Rst, toText } from './rst.ts';

const GRID = /^\+(?:[-=]+\+)+$/;
const SIMPLE = /^=+(?: +=+)+$/;

export function readTable(rst: Rst, lines: readonly string[], at: number): number | undefined {
  const line = lines[at] ?? '';
  if (GRID.test(line)) return readGridTable(rst, lines, at);
  return SIMPLE.test(line) ? readSimpleTable(rst, lines, at) : undefined;
}

/** A table that is drawn with `+`, `-` and `|`. */
function readGridTable(rst: Rst, lines: readonly string[], at: number): number {
  const { lines: block, next } = takeParagraph(lines, at);
  const rows: Cell[][] = [];
  let headerRows = 0;
  let cells: string[] | undefined;
  for (const line of block) {
    if (line.startsWith('+')) {
      if (cells !== undefined) rows.push(cells.map((text) => ({ text: toText(rst, text) })));
      if (line.includes('=')) headerRows = rows.length;
      cells = undefined;
      continue;
    }
    const parts = line.replace(/^\||\|$/g, '').split(/(?<!\\)[|+]/);
    cells = parts.map((part, column) =>
      `${cells?.[column] ?? ''} ${/^-+$/.test(part) ? '' : part.trim()}`.trim(),
    );
  }
  writeTable(rst.writer, rows, headerRows);
  return next;
}

/** A table whose columns stand below lines of `=`. A row without a first cell goes on with the one above. */
function readSimpleTable(rst: Rst, lines: readonly string[], at: number): number {
  const columns = Array.from((lines[at] ?? '').matchAll(/=+/g), (match) => match.index);
  const end = endOfSimple(lines, at);
  const rows: string[][] = [];
  let headerRows = 0;
  for (const line of lines.slice(at + 1, end)) {
    if (/^=[= ]*$/.test(line)) headerRows = rows.length;
    else if (!/^[- ]*$/.test(line)) {
      addRow(
        rows,
        columns.map((start, index) => line.slice(start, columns[index + 1]).trim()),
        headerRows,
      );
    }
  }
  writeTable(
    rst.writer,
    rows.map((cells) => cells.map((text) => ({ text: toText(rst, text) }))),
    headerRows,
  );
  return end + 1;
}

function addRow(rows: string[][], cells: readonly string[], headerRows: number): void {
  const last = rows.at(-1);
  if (cells[0] !== '' || last === undefined || rows.length === headerRows) rows.push([...cells]);
  else for (const [column, text] of cells.entries()) last[column] = `${last[column] ?? ''} ${text}`.trim();
}

/** The line below a table: the second or third line of `=`, with nothing behind it. */
function endOfSimple(lines: readonly string[], at: number): number {
  for (let next = at + 1; next < lines.length; next++) {
    if (/^=[= ]*$/.test(lines[next] ?? '') && isBlank(lines[next + 1])) return next;
  }
  return lines.length;
}
