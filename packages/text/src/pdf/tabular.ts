import type { Line } from './line-parts.ts';

/** Whether cells that stand below each other by chance or design are those of a table. */
export function isTabular(cells: readonly (readonly (readonly Line[])[])[]): boolean {
  const lines = cells.flat(2);
  const share = cells.flat().filter((cell) => cell.length > 0).length / cells.flat().length;
  const isCode = lines.filter(({ isFixedPitch }) => isFixedPitch).length > 0.8 * lines.length;
  const letters = lines.reduce((sum, { text }) => sum + text.length, 0) / lines.length;
  // Titles with the numbers of their pages, which never go down.
  const pages = cells.map((row) => Number.parseInt(row.at(-1)?.[0]?.text ?? '', 10));
  const isContents =
    pages.every((page, index) => page >= (pages[index - 1] ?? 0)) &&
    cells.every((row) => row.length === 2 && /\p{L}{2}/u.test(row[0]?.[0]?.text ?? ''));
  const isOther =
    lines.some(({ text }) => /(?:\. ?){4}/.test(text)) || isNumberedCode(cells) || isIndex(lines);
  return share > 0.6 && letters < 40 && !isCode && !isContents && !isOther;
}

function isNumberedCode(cells: readonly (readonly (readonly Line[])[])[]): boolean {
  const isNumbered = cells.every(([first]) => /^\d+$/.test(first?.[0]?.text ?? ''));
  const others = cells.flatMap((row) => row.slice(1)).flat();
  return isNumbered && others.filter(({ isFixedPitch }) => isFixedPitch).length > 0.8 * others.length;
}

/** Lists of pages, as in an index. */
function isIndex(lines: readonly Line[]): boolean {
  return lines.filter(({ text }) => /\d,$/.test(text)).length > 0.3 * lines.length;
}

/** A row whose first cell is empty goes on with the cells above, where it begins at their left edges. */
export function joinContinued(rows: readonly (readonly (readonly Line[])[])[]): Line[][][] {
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
