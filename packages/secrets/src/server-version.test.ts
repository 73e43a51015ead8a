import { expect, it } from 'vitest';
import { knowsClientSetinfo, parseServerVersion } from './server-version.ts';

it.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64', false],
  ['Redis server v=7.2.4 sha=00000000:0', true],
  ['Redis server v=8.0.2 sha=00000000:1', true],
  ['Valkey server v=8.1.1 sha=00000000:0', true],
  ['Redis server v=6.2.14 sha=0', false],
])('reads %j', (text, expected) => {
  const version = parseServerVersion(text);
  expect(version && knowsClientSetinfo(version)).toBe(expected);
});

it('does not guess the version of something else', () => {
  expect(parseServerVersion('dragonfly 1.2')).toBeUndefined();
});
