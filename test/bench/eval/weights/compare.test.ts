import { expect, test } from 'vitest';
import { compare } from './compare.ts';

const measured = (values: readonly number[], given = values.map(String)) => ({
  figures: { facts: values },
  given,
});
const zeros = [0, 0, 0, 0, 0, 0];

test('a weight that changes nothing is seen, and one that changes answers without a figure', () => {
  expect(compare(measured(zeros), measured(zeros))).toEqual({ changed: 0, changes: [] });
  const others = measured(zeros, ['0', '0', 'other', '0', '0', '0']);
  expect(compare(measured(zeros), others)).toEqual({ changed: 1, changes: [] });
});

test('a change of one question is open, of all in one direction clear', () => {
  const verdict = (before: readonly number[], after: readonly number[]) =>
    compare(measured(before), measured(after)).changes[0]?.verdict;
  const ones = zeros.map(() => 1);
  expect(verdict(zeros, [1, 0, 0, 0, 0, 0])).toBe('open');
  expect(verdict(zeros, ones)).toBe('better');
  expect(verdict(ones, zeros)).toBe('worse');
});
