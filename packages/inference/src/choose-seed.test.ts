import { expect, it } from 'vitest';
import { chooseSeed } from './choose-seed.ts';

it.each([
  [0, 0],
  [42, 42],
  [2 ** 32 - 2, 2 ** 32 - 2],
  [2 ** 32 - 1, 0],
  [1_795_447_012_345, 1_795_447_012_345 % (2 ** 32 - 1)],
  [-2, 2 ** 32 - 3],
])('%d is always the same seed, within the bits of the engine', (asked, seed) => {
  expect(chooseSeed(asked)).toBe(seed);
});

it.each([undefined, -1])('%s is another seed each time', (asked) => {
  const seeds = new Set(Array.from({ length: 20 }, () => chooseSeed(asked)));
  expect(seeds.size).toBeGreaterThan(1);
});
