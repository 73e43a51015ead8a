import { expect, test } from 'vitest';
import { escapeMarkdown, settleLineStarts } from './escape-markdown.ts';

const escaped = (text: string, before = '') => settleLineStarts(before + escapeMarkdown(text));

test.each([
  ['git_add and core.autoCRLF', 'git_add and core.autoCRLF'],
  ['_private', '\\_private'],
  ['a * b', 'a * b'],
  ['*bold*', '\\*bold\\*'],
  ['<pathspec>', '\\<pathspec>'],
  ['a < b > c', 'a < b > c'],
  ['HEAD~1', 'HEAD~1'],
  ['HEAD~3..HEAD~1', 'HEAD\\~3..HEAD\\~1'],
  ['[-v | --verbose]', '[-v | --verbose]'],
  ['[text](url)', '[text\\](url)'],
  ['&lt; &amp', '\\&lt; &amp'],
  ['C:\\*.txt and C:\\dir', 'C:\\\\\\*.txt and C:\\dir'],
  ['`code`', '\\`code\\`'],
  ['# title', '\\# title'],
  ['#hashtag', '#hashtag'],
  ['- item', '\\- item'],
  ['-v and --verbose', '-v and --verbose'],
  ['---', '\\---'],
  ['> quote', '\\> quote'],
  ['1. first', '1\\. first'],
  ['1.5 times', '1.5 times'],
  ['2026) note', '2026\\) note'],
])('%j is written %j', (text, expected) => {
  expect(escaped(text)).toBe(expected);
});

test('what is special at the start of a line is left alone within one', () => {
  expect(escaped('- Stable', 'Stability: 2 ')).toBe('Stability: 2 - Stable');
  expect(escaped('1. Introduction', '## ')).toBe('## 1. Introduction');
  expect(escaped('> 5', '| ')).toBe('| > 5');
});

test('lists and quotes begin lines too', () => {
  expect(escaped('- item', '> ')).toBe('> \\- item');
  expect(escaped('# title', '  - ')).toBe('  - \\# title');
});

test("a page's own private-use marks are dropped", () => {
  expect(escaped('a\ue000b\ue001c')).toBe('abc');
});

test('long runs of special characters take no longer than others', () => {
  for (const character of ['*', '_', '~', '[', '\\', '<', '`', '-', ' ']) {
    expect(escaped(character.repeat(300_000)).length).toBeGreaterThan(0);
  }
});
