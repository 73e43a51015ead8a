import { expect, it } from 'vitest';
import { blocksOf } from '../testing/blocks-of.ts';
import { readSource } from './read-source.ts';

it('keeps source code letter by letter, with the indentation of its first line', () => {
  const text = '\n\n    def tide():\n        return `4`\n';
  const document = readSource(text, 'python');
  expect(document.text).toBe(text);
  expect(blocksOf(document)).toEqual(['code:     def tide():\n        return `4`']);
  expect(document).toMatchObject({ inline: 'none', blocks: [{ language: 'python' }] });
});

it('gives no block for blank text', () => {
  expect(readSource(' \n\t\n').blocks).toEqual([]);
});
