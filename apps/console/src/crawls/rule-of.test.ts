import { expect, test } from 'vitest';
import { ruleOf } from './rule-of.ts';

test('a rule is told in words, with its clock where it has one', () => {
  expect(ruleOf({ every: '1d' })).toBe('every day');
  expect(ruleOf({ every: '6h' })).toBe('every 6 hours');
  expect(ruleOf({ every: '1.5d' })).toBe('every 1.5 days');
  expect(ruleOf({ cron: '0 3 * * 1' })).toBe('at 0 3 * * 1 by the clock of UTC');
  expect(ruleOf({ cron: '0 3 * * 1', timezone: 'Europe/Berlin' })).toContain('Europe/Berlin');
});
