import { expect, test } from 'vitest';
import { WaitFor } from './crawls.ts';

// Chromium 150 judges each of them in the same way, besides those for which the browser alone can.
test.each([
  0,
  30_000,
  'main',
  'b.late',
  '#content > p ~ a + b, article',
  '[data-test-id="a b" i]',
  'a:not(.b, .c):has(> img)',
  'li:nth-child(2n + 1 of .x)',
  '.md\\:flex.w-1\\/2',
  'my-element[open]',
  'h1:visible',
  'a:not-yet-known',
])('takes %j', (value) => {
  expect(WaitFor.parse(value)).toBe(value);
});

test.each([-1, 1.5, 3_600_000, 'a'.repeat(301), null])('refuses %j', (value) => {
  expect(WaitFor.safeParse(value).success).toBe(false);
});

test.each([
  '',
  ' ',
  '5000',
  '1s',
  'b[',
  'b]',
  'b(',
  '..late',
  '#',
  '#1',
  'main >',
  'a,,b',
  'a:nth-child(',
  'a:not()',
  '[x=]',
  '[a=1]',
  'a{}',
  'a;b',
  '$x',
  '//a',
  'text=Hello',
  'a >> b',
  '\u0000[',
])('refuses %j, and says what it expects', (value) => {
  const { error } = WaitFor.safeParse(value);
  expect(error?.issues[0]?.message).toBe('expected milliseconds from 0 to 30000, or a valid CSS selector');
});
