import { expect, test } from 'vitest';
import { denseWeight, type FoundAt, LEAST_ASKED, START_WEIGHT, WEIGHTS } from './dense-weight.ts';

/** That many questions that find what they are for with some of the weights. */
function questions(count: number, isFound: (weight: number) => boolean): FoundAt[] {
  return Array.from({ length: count }, () => WEIGHTS.map(isFound));
}
const always = () => true;
const never = () => false;
const weightOf = (...groups: readonly FoundAt[][]) => denseWeight(groups.flat()).weight;
const lexicalAlone = (weight: number) => weight === 0;
const denseAlone = (weight: number) => weight === 1;

test('without enough questions the weight is that of the start', () => {
  const most = LEAST_ASKED - 1;
  expect(weightOf()).toBe(START_WEIGHT);
  expect(weightOf(questions(most, denseAlone))).toBe(START_WEIGHT);
  expect(weightOf(questions(LEAST_ASKED, (weight) => weight > 0))).toBeGreaterThan(START_WEIGHT);
});

test('a useless leg is off, a near-perfect one nearly alone', () => {
  const lost = (weight: number) => weight < 0.5;
  expect(weightOf(questions(100, lost), questions(2, denseAlone), questions(98, never))).toBe(0);
  const won = (weight: number) => weight > 0.5;
  const weight = weightOf(questions(100, always), questions(99, won), questions(1, lexicalAlone));
  expect(weight).toBeGreaterThan(0.97);
  expect(weight).toBeLessThan(1);
});

test('two legs that both find all are both heard', () => {
  expect(weightOf(questions(200, always))).toBe(START_WEIGHT);
});

test('what is found only with both legs is reached', () => {
  const only = (weight: number) => weight > 0.42 && weight < 0.48;
  const lexical = questions(60, (weight) => weight < 0.7);
  const dense = questions(30, (weight) => weight > 0.2);
  expect(weightOf(lexical, dense, questions(40, only), questions(70, never))).toBe(0.45);
});

test('what chance may have done moves no weight from the leg that is better', () => {
  const lexical = questions(60, (weight) => weight < 0.5);
  const most = (weight: number) => weight < 0.75;
  const few = (count: number) => questions(count, (weight) => weight > 0.2 && weight < 0.5);
  expect(weightOf(lexical, questions(40, most), few(1), questions(99, never))).toBe(0);
  expect(weightOf(lexical, questions(40, most), few(10), questions(90, never))).toBe(0.25);
});

test('of the same rates, more questions are trusted further', () => {
  const sample = (size: number) => [
    ...questions(50 * size, (weight) => weight < 0.8),
    ...questions(2 * size, (weight) => weight > 0.3 && weight < 0.8),
    ...questions(2 * size, (weight) => weight < 0.3),
    ...questions(size, (weight) => weight > 0.3 && weight < 0.8),
    ...questions(45 * size, never),
  ];
  expect(denseWeight(sample(1)).weight).toBe(0);
  expect(denseWeight(sample(20)).weight).toBe(0.35);
});

test('the rates are those of each leg and of both with the weight', () => {
  const both = questions(40, (weight) => weight > 0.1 && weight < 0.5);
  const { weight, hitRates } = denseWeight([
    ...both,
    ...questions(40, (weight) => weight < 0.5),
    ...questions(20, never),
  ]);
  expect(weight).toBe(0.15);
  expect(hitRates).toEqual({ lexical: 0.4, dense: 0, hybrid: 0.8 });
});
