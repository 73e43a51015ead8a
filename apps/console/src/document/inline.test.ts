import { expect, test } from 'vitest';
import { inlineParts } from './inline.ts';

const shown = (text: string, inline: 'markdown' | 'code' | 'none', start = 0) =>
  inlineParts(text, { start, end: text.length }, inline).map(({ kind, start, end }) => [
    kind,
    text.slice(start, end),
  ]);

test('code, links and strong text are shown without their marks, where they stand', () => {
  expect(shown('Set `a` in [the `b` file](./c.md), **now**.', 'markdown')).toEqual([
    ['text', 'Set '],
    ['code', 'a'],
    ['text', ' in '],
    ['text', 'the '],
    ['code', 'b'],
    ['text', ' file'],
    ['text', ', '],
    ['strong', 'now'],
    ['text', '.'],
  ]);
});

test('a text without marks of Markdown keeps every letter', () => {
  expect(shown('`a` [b](c)', 'none')).toEqual([['text', '`a` [b](c)']]);
  expect(shown('`a` [b](c)', 'code')).toEqual([
    ['code', 'a'],
    ['text', ' [b](c)'],
  ]);
});

test('a link may be broken over two lines', () => {
  expect(shown('with [one\nexception](#a).', 'markdown')).toEqual([
    ['text', 'with '],
    ['text', 'one\nexception'],
    ['text', '.'],
  ]);
});

test('a slice has the offsets of the whole text, and single marks stay', () => {
  expect(shown('xx a ` b * c [d]', 'markdown', 3)).toEqual([['text', 'a ` b * c [d]']]);
});
