import { describe, expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { readCsv } from './read-csv.ts';

describe('readCsv', () => {
  it.each([
    ['commas', 'Item,n\nRope,3\n'],
    ['semicolons', 'Item;n\r\nRope;3\r\n'],
    ['tabs', 'Item\tn\nRope\t3'],
    ['a separator that the file states', 'sep=|\nItem|n\nRope|3'],
    ['quotes', '"Item","n"\n"Rope","3"'],
  ])('finds %s', (_, text) => {
    const document = readCsv(text);
    expect(blocksOf(document)).toEqual(['row: Item | n', 'row: Rope | 3']);
    expect(document.tables).toEqual([{ columns: ['Item', 'n'] }]);
  });

  it('takes a first row with numbers as data', () => {
    const document = readCsv('Rope,3\nOar,4\n');
    expect(document.tables).toEqual([{ columns: [] }]);
    expect(document.blocks.map((block) => block.kind === 'row' && block.isHeader)).toEqual([false, false]);
  });

  it('keeps line breaks and separators in quotes, and rows of any length', () => {
    const document = readCsv('a,b\n"one\ntwo, three",2,3\nlone\n');
    expect(blocksOf(document)).toEqual(['row: a | b | ', 'row: one two, three | 2 | 3', 'row: lone |  | ']);
  });

  it('loses nothing behind a quote that never ends', () => {
    const rows = Array.from({ length: 1000 }, (_, index) => `row ${index},${index}`);
    const document = readCsv(`name,n\n"open,1\n${rows.join('\n')}`);
    expect(document.blocks).toHaveLength(1002);
    expect(blocksOf(document).at(-1)).toBe('row: row 999 | 999');
  });

  it('shows letters as they stand', () => {
    expect(readCsv('a,b\n`GET` *x*,#1\n')).toMatchObject({
      inline: 'none',
      text: expect.stringContaining('`GET` *x* | #1'),
    });
  });

  it('gives no block for empty rows', () => {
    expect(readCsv(',,\n\n,\n').blocks).toEqual([]);
  });
});
