import type { Block } from '@xnai/contracts';
import { plainText } from '@xnai/text';
import type { Passage } from './passage.ts';

type Row = Extract<Block, { kind: 'row' }>;

/** A row under the names of its columns, as one line: "Port: 22; Use: log in". */
export function rowText(passage: Passage, row: Row): string {
  const columns = passage.tables.get(row.table) ?? [];
  const cells = cellTexts(passage, row).map((text, cell) => ({ text, name: columns[cell] ?? '' }));
  return cells
    .filter(({ text }) => text !== '')
    .map(({ text, name }) => (name === '' || row.isHeader ? text : `${name}: ${text}`))
    .join(row.isHeader ? ', ' : '; ');
}

function cellTexts({ text, inline }: Passage, { cells, bodyEnd }: Row): string[] {
  return cells.map((start, cell) => {
    const stored = text.slice(start, cells[cell + 1] ?? bodyEnd).replace(/\s*\|?\s*$/, '');
    return plainText(inline, stored.replaceAll('\\|', '|')).trim();
  });
}
