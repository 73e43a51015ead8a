import { expect, test } from 'vitest';
import { isTrap } from './is-trap.ts';

const url = (path: string) => new URL(path, 'https://x.example');

test.each([
  '/',
  '/docs/guide/page.html',
  '/a/a/b',
  '/2026/11/23/title',
  `/${'deep/'.repeat(2)}${Array.from({ length: 14 }, (_, index) => `s${index}`).join('/')}`,
  '/search?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8',
])('%s is a page like others', (path) => {
  expect(isTrap(url(path))).toBe(false);
});

test.each([
  ['/a/b/a/b/a', 'a segment for the third time'],
  ['/x/x/x/', 'a segment for the third time'],
  [`/${Array.from({ length: 17 }, (_, index) => `s${index}`).join('/')}`, '17 segments'],
  ['/search?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9', '9 parameters'],
])('%s is a trap: %s', (path) => {
  expect(isTrap(url(path))).toBe(true);
});
