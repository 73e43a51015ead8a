import type TurndownService from 'turndown';
import type { DomElement } from '../dom.ts';
import { CELL_END } from '../escape-markdown.ts';

/** Tables as GFM has them; a table that is only layout gives its cells as blocks. */
export function addTableRules(turndown: TurndownService): void {
  turndown.addRule('tableCell', {
    filter: ['td', 'th'],
    replacement: (content) => `${content}${CELL_END}`,
  });
  turndown.addRule('tablePart', {
    filter: ['tr', 'thead', 'tbody', 'tfoot'],
    replacement: (content) => content,
  });
  turndown.addRule('tableColumn', { filter: ['colgroup', 'col'], replacement: () => '' });
  turndown.addRule('tableCaption', { filter: 'caption', replacement: () => '' });
  turndown.addRule('table', {
    filter: 'table',
    replacement: (content, node) => {
      const table = node as unknown as DomElement;
      const contents = content.split(CELL_END);
      const rows = rowsOf(table);
      const caption = table.querySelector('caption')?.textContent?.replace(/\s+/g, ' ').trim() ?? '';
      const body = isLayout(table, rows)
        ? contents.map((text) => text.trim()).join('\n\n')
        : toTable(rows, contents);
      return `\n\n${caption === '' ? '' : `${caption}\n\n`}${body}\n\n`;
    },
  });
}

type Row = readonly DomElement[];

function rowsOf(table: DomElement): Row[] {
  return [...table.getElementsByTagName('tr')]
    .filter((row) => row.closest('table') === table)
    .map((row) => [...row.children].filter((cell) => /^T[DH]$/.test(cell.nodeName)));
}

function isLayout(table: DomElement, rows: readonly Row[]): boolean {
  const isSingleColumn = rows.every((row) => row.length <= 1);
  return isSingleColumn || table.querySelector('table, pre, h1, h2, h3, h4, h5, h6') !== null;
}

function toTable(rows: readonly Row[], contents: readonly string[]): string {
  const grid = toGrid(rows, contents).filter((row) => row.some((cell) => cell !== ''));
  const width = Math.max(0, ...grid.map((row) => row.length));
  const hasHead = rows[0]?.every((cell) => cell.nodeName === 'TH' || cell.closest('thead') !== null) ?? false;
  const head = hasHead ? (grid.shift() ?? []) : [];
  return [head, Array<string>(width).fill('---'), ...grid].map((row) => toLine(row, width)).join('\n');
}

/** Cells that span several columns or rows: the text once in a row, and again in each row it covers. */
function toGrid(rows: readonly Row[], contents: readonly string[]): string[][] {
  let next = 0;
  const below = new Map<number, { text: string; rows: number }>();
  return rows.map((row) => {
    const line: string[] = [];
    for (const cell of row) {
      fillFromAbove(line, below);
      const text = toCellText(contents[next] ?? '');
      next += 1;
      const rowSpan = spanOf(cell, 'rowspan');
      if (rowSpan > 1) below.set(line.length, { text, rows: rowSpan - 1 });
      line.push(text, ...Array<string>(spanOf(cell, 'colspan') - 1).fill(''));
    }
    fillFromAbove(line, below);
    return line;
  });
}

function fillFromAbove(line: string[], below: Map<number, { text: string; rows: number }>): void {
  for (let cell = below.get(line.length); cell !== undefined; cell = below.get(line.length)) {
    if (cell.rows <= 1) below.delete(line.length);
    else below.set(line.length, { text: cell.text, rows: cell.rows - 1 });
    line.push(cell.text);
  }
}

/** Pages say 65,535 and mean "all". */
const MAX_SPAN = 50;

function spanOf(cell: DomElement, name: 'colspan' | 'rowspan'): number {
  const span = Number(cell.getAttribute(name) ?? 1);
  return Number.isSafeInteger(span) && span > 0 ? Math.min(span, MAX_SPAN) : 1;
}

function toCellText(content: string): string {
  return content
    .trim()
    .replace(/\s*\n+\s*/g, ' ')
    .replace(/(?<!\\)\|/g, '\\|');
}

function toLine(row: readonly string[], width: number): string {
  const cells = Array.from({ length: width }, (_, index) => row[index] ?? '');
  return `| ${cells.join(' | ')} |`;
}
