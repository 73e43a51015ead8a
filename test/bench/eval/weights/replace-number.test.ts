import { expect, test } from 'vitest';
import { replaceNumber } from './replace-number.ts';

const SOURCE = `const LEAST = { chunk: 0.5, window: 0.46 } as const;
export const LEAST_WITHOUT: Readonly<Record<string, number>> = {
  window: -0.2,
};
const SAME = 2;`;

const double = (value: number) => 2 * value;

test.each([
  ['LEAST.window', 'window: 0.92 }'],
  ['LEAST_WITHOUT.window', 'window: -0.4,'],
  ['SAME', 'SAME = 4;'],
])('the number of %s is replaced, and no other', (name, expected) => {
  const replaced = replaceNumber(SOURCE, name, double);
  expect(replaced).toContain(expected);
  const [before, after] = [SOURCE, replaced].map((text) => text.split('\n'));
  expect(after?.filter((line, at) => line !== before?.[at])).toHaveLength(1);
});

test('a number that the source does not state is said', () => {
  expect(() => replaceNumber(SOURCE, 'LEAST.own', double)).toThrow('LEAST.own is not stated once');
});
