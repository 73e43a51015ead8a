import { expect, test } from 'vitest';
import { readRetryAfter } from './retry-after.ts';

const NOW_MS = Date.parse('2026-11-23T10:00:00Z');

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['1.5', 1500],
  ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ['Mon, 23 Nov 2026 10:00:30 GMT', 30_000],
  ['Monday, 23-Nov-26 10:00:30 GMT', 30_000],
  ['Mon Nov 23 10:00:30 2026 GMT', 30_000],
  ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
  ['soon', undefined],
  ['Mon, or later', undefined],
  ['-5', undefined],
  ['-5x', undefined],
  ['1e3', undefined],
  ['', undefined],
  [' ', undefined],
  [null, undefined],
  [undefined, undefined],
])('%s means %s ms', (header, expected) => {
  expect(readRetryAfter(header, NOW_MS)).toBe(expected);
});
