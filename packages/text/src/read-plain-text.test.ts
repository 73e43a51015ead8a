import { expect, test } from 'vitest';
import { readPlainText } from './read-plain-text.ts';

const outline = (content: string) => {
  const { text, blocks } = readPlainText(content);
  return blocks.map(({ kind, bodyStart, bodyEnd }) => [kind, text.slice(bodyStart, bodyEnd)]);
};

test('paragraphs are divided by blank lines, and no letter is a mark', () => {
  const content =
    '# Only keys are accepted\nPasswordAuthentication no\n\n- *not* a list\r\n\r\n| a |\n|---|\n\n\n> end  \n';
  expect(readPlainText(content).text).toBe(content);
  expect(outline(content)).toEqual([
    ['paragraph', '# Only keys are accepted\nPasswordAuthentication no'],
    ['paragraph', '- *not* a list'],
    ['paragraph', '| a |\n|---|'],
    ['paragraph', '> end'],
  ]);
});

test('indented lines that look like code are code, over blank lines, with their indentation', () => {
  expect(outline('To build:\n\n    make all\n\n      make -j4 # fast\n\nThat is all.\n\nMore.\n')).toEqual([
    ['paragraph', 'To build:'],
    ['code', '    make all\n\n      make -j4 # fast'],
    ['paragraph', 'That is all.'],
    ['paragraph', 'More.'],
  ]);
});

test('indented titles and prose are no code, nor is anything where most lines are indented', () => {
  expect(
    outline(
      'Text\n\n          TERMS AND CONDITIONS\n\nText\n\n    He said that it would rain soon; it did.\n\nText',
    ).map(([kind]) => kind),
  ).toEqual(Array(5).fill('paragraph'));
  expect(
    outline('NAME\n       ls - list\n\n       -a, --all\n              do not ignore\n\n       -b [x]\n').map(
      ([kind]) => kind,
    ),
  ).toEqual(Array(3).fill('paragraph'));
});
