import { describe, expect, it } from 'vitest';
import { disarmMarks, marksIn, plainMarks } from './marks.ts';

describe('marks of sources', () => {
  it.each([
    ['It is 20 MB [1, 2].', 'It is 20 MB [1][2].'],
    ['It is 20 MB [1;3].', 'It is 20 MB [1][3].'],
    ['It is 20 MB [1 and 2].', 'It is 20 MB [1][2].'],
    ['It is 20 MB [1-3].', 'It is 20 MB [1][2][3].'],
    ['It is 20 MB [1–2, 4].', 'It is 20 MB [1][2][4].'],
    ['It is 20 MB 【1】.', 'It is 20 MB [1].'],
    ['It is 20 MB 【2†manual】.', 'It is 20 MB [2].'],
    ['It is 20 MB [Source 2].', 'It is 20 MB [2].'],
    ['It is 20 MB [sources 1, 2].', 'It is 20 MB [1][2].'],
    ['It is 20 MB [1][2].', 'It is 20 MB [1][2].'],
  ])('%s is written %s', (written, plain) => {
    expect(plainMarks(written, 4)).toBe(plain);
  });

  it.each([
    'The interval [0, 1].',
    'Page [17].',
    'A range [3-1].',
    'In [1-999999999].',
    'Use `a[1,2]`.',
    '```\na[1, 2]\n```',
  ])('%s is left as it is', (text) => {
    expect(plainMarks(text, 4)).toBe(text);
  });
});

describe("a source's own marks", () => {
  it.each([
    ['It lives in the Arctic.[2]', 'It lives in the Arctic.(2)'],
    ['It eats clams [1][3].', 'It eats clams (1)(3).'],
    ['It sings [1, 2] 【3】.', 'It sings (1, 2) (3).'],
    ['The call list[0](x) and a[1].b, but clams[1].', 'The call list[0](x) and a[1].b, but clams(1).'],
    ['Set `a[1]` [citation needed].', 'Set `a[1]` [citation needed].'],
  ])('%s are written %s', (text, disarmed) => {
    expect(disarmMarks(text)).toBe(disarmed);
  });
});

it('marks are found where they stand, and none in code', () => {
  const text = 'See `a[1]` [2][13].';
  const found = marksIn(text).map(({ number, start, end }) => [number, text.slice(start, end)]);
  expect(found).toEqual([
    [2, '[2]'],
    [13, '[13]'],
  ]);
});
