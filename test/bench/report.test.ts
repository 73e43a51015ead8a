import { expect, it } from 'vitest';
import { atLeast, atMost, quantile } from './report.ts';

it('takes quantiles by nearest rank', () => {
  const values = [5, 1, 4, 2, 3];
  expect(quantile(values, 0.5)).toBe(3);
  expect(quantile(values, 0.95)).toBe(5);
  expect(quantile(values, 0)).toBe(1);
  expect(quantile([], 0.5)).toBeNaN();
});

it('says whether an aim is met', () => {
  expect(atMost('p95', 40, 'ms', 40).isMet).toBe(false);
  expect(atLeast('ratio', 0.8, '', 0.8)).toMatchObject({ isMet: true, aim: 'at least 0.8' });
});
