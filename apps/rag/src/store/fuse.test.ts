import { expect, test } from 'vitest';
import { fuse } from './fuse.ts';

interface Hit {
  readonly id: string;
  readonly score: number;
}
const hit = (id: string, score: number): Hit => ({ id, score });
const keyOf = ({ id }: Hit) => id;

const LEXICAL = [hit('a', 10), hit('b', 8), hit('c', 5)];
const DENSE = [hit('d', 0.9), hit('c', 0.8), hit('e', 0.4)];

const scored = (hits: readonly Hit[]) => hits.map(({ id, score }) => [id, Number(score.toFixed(3))]);

test('lexical scores count from zero, cosines from the last one', () => {
  expect(scored(fuse(LEXICAL, DENSE, { weight: 0.5 }, keyOf))).toEqual([
    ['c', 0.65],
    ['a', 0.5],
    ['d', 0.5],
    ['b', 0.4],
    ['e', 0],
  ]);
});

test('what a weak leg adds comes behind what the strong one found', () => {
  const found = fuse(LEXICAL, [hit('x', 0.9), hit('y', 0.85), hit('z', 0.8)], { weight: 0.3 }, keyOf);
  expect(scored(found).map(([id]) => id)).toEqual(['a', 'b', 'c', 'x', 'y', 'z']);
});

test('cosines that are all alike, where others differ, count for little', () => {
  const alike = [hit('d', 0.42), hit('e', 0.41), hit('f', 0.4)];
  const [best, ...others] = fuse(LEXICAL, alike, { weight: 0.7, spread: 0.4 }, keyOf);
  expect(best?.id).toBe('a');
  expect(others.find(({ id }) => id === 'd')?.score).toBeCloseTo(0.035);
});

test.each([
  ['the weight is 0', LEXICAL, DENSE, 0, LEXICAL],
  ['the weight is 1', LEXICAL, DENSE, 1, DENSE],
  ['there is no dense leg', LEXICAL, [], 0.5, LEXICAL],
  ['there is no lexical leg', [], DENSE, 0.5, DENSE],
] as const)('where %s, one leg keeps its scores', (_, lexical, dense, weight, kept) => {
  expect(fuse<Hit>(lexical, dense, { weight }, keyOf)).toEqual(kept);
});
