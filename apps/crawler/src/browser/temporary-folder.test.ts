import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const LONG = `/run/${'long'.repeat(20)}`;

test('a short path stays as it is', () => {
  expect(temporaryFolder('/tmp/browser-a', '/tmp')).toBe('/tmp/browser-a');
});

test('a long path is named from the working directory', () => {
  expect(temporaryFolder(`${LONG}/browser-a`, LONG)).toBe('browser-a');
});

test('a path that is long from everywhere is refused with its name', () => {
  expect(() => temporaryFolder(`${LONG}/browser-a`, '/')).toThrow(`${LONG}/browser-a`);
});
