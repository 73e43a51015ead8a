import { expect, test } from 'vitest';
import { denseWeight, LEAST_ASKED, START_WEIGHT } from './dense-weight.ts';

test('without enough questions the weight is that of the start', () => {
  const most = LEAST_ASKED - 1;
  expect(denseWeight({ asked: 0, lexical: 0, dense: 0 })).toBe(START_WEIGHT);
  expect(denseWeight({ asked: most, lexical: 0, dense: most })).toBe(START_WEIGHT);
  expect(denseWeight({ asked: LEAST_ASKED, lexical: 0, dense: LEAST_ASKED })).toBeGreaterThan(START_WEIGHT);
});

test('a useless leg is off, a near-perfect one nearly alone', () => {
  expect(denseWeight({ asked: 200, lexical: 100, dense: 2 })).toBe(0);
  expect(denseWeight({ asked: 200, lexical: 100, dense: 199 })).toBeGreaterThan(0.97);
});

test('two legs that both find all are both heard', () => {
  const weight = denseWeight({ asked: 200, lexical: 200, dense: 200 });
  expect(weight).toBeGreaterThan(START_WEIGHT);
  expect(weight).toBeLessThan(0.5);
});

test('the weight grows with what the dense leg finds, and falls with what the lexical one finds', () => {
  const counts = Array.from({ length: 21 }, (_, tenth) => tenth * 10);
  const byDense = counts.map((dense) => denseWeight({ asked: 200, lexical: 100, dense }));
  const byLexical = counts.map((lexical) => denseWeight({ asked: 200, lexical, dense: 100 }));
  expect(byDense).toEqual(byDense.toSorted((a, b) => a - b));
  expect(byLexical).toEqual(byLexical.toSorted((a, b) => b - a));
});

test('of the same rates, more questions are trusted further', () => {
  const few = denseWeight({ asked: 100, lexical: 50, dense: 75 });
  expect(denseWeight({ asked: 1000, lexical: 500, dense: 750 })).toBeGreaterThan(few);
});
