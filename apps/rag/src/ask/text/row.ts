import type { Block } from '@xnai/contracts';
import { cellsOf, plainText } from '@xnai/text';
import type { Passage } from './passage.ts';

type Row = Extract<Block, { kind: 'row' }>;

/** A row under the names of its columns, as one line: "Port: 22; Use: log in". Without names its first cell is the label. */
export function rowText(passage: Passage, row: Row): string {
  const texts = cellTexts(passage, row);
  if (row.isHeader) return texts.filter((text) => text !== '').join(', ');
  const columns = passage.tables.get(row.table) ?? [];
  if (columns.every((name) => name === '')) return labelledRow(texts.filter((text) => text !== ''));
  return texts
    .map((text, cell) => ({ text, name: columns[cell] ?? '' }))
    .filter(({ text }) => text !== '')
    .map(({ text, name }) => (name === '' ? text : `${name}: ${text}`))
    .join('; ');
}

function labelledRow([label = '', ...values]: readonly string[]): string {
  if (values.length === 0) return label;
  return `${label.replace(/\s*:$/, '')}: ${values.join('; ')}`;
}

function cellTexts({ text, inline }: Passage, row: Row): string[] {
  return cellsOf(text, row).map((cell) => plainText(inline, cell).trim());
}
