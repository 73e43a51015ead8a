import fc from 'fast-check';
import { expect, test } from 'vitest';
import { questionOf, wordOf, wordsOf } from './words.ts';

test('terms of plain letters are their own words, all others are words of plain letters too', () => {
  expect(['walrus', 'a', 'x'.repeat(60)].map(wordOf)).toEqual(['walrus', 'a', 'x'.repeat(60)]);
  for (const term of [
    '2024',
    'v1.2',
    'über',
    'C++',
    'foo_bar',
    '北京',
    '🙂',
    'Walrus',
    ' ',
    'qzab',
    'y'.repeat(5_000),
  ])
    expect(wordOf(term)).toMatch(/^qz[a-z]{2,200}$/);
});

test('two terms never have one word', () => {
  const term = fc.oneof(fc.string(), fc.string({ unit: 'grapheme' }), fc.stringMatching(/^qz[a-z]*$/));
  fc.assert(fc.property(term, term, (a, b) => a === b || wordOf(a) !== wordOf(b)));
  const long = 'ü'.repeat(400);
  expect(wordOf(`${long}a`)).not.toBe(wordOf(`${long}b`));
});

test('a word stands as often as it counts, twice over, and at most 255 times', () => {
  expect(wordsOf({ terms: ['seal', 'part'], weights: [2, 0.5] })).toBe('seal seal seal seal part');
  expect(wordsOf({ terms: ['seal'], weights: [1_000] }).split(' ')).toHaveLength(255);
  const asked = new Map([
    ['seal', 2],
    ['v2', 1],
  ]);
  expect(questionOf(asked)).toBe(`seal seal ${wordOf('v2')}`);
});
