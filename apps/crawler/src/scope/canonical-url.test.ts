import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalUrl, documentId } from './canonical-url.ts';

test.each([
  ['HTTP://Example.COM/Path', 'http://example.com/Path'],
  ['https://example.com', 'https://example.com/'],
  ['http://example.com:80/', 'http://example.com/'],
  ['https://example.com:443/', 'https://example.com/'],
  ['http://example.com:8080/', 'http://example.com:8080/'],
  ['https://example.com./a', 'https://example.com/a'],
  ['https://example.com/a#part', 'https://example.com/a'],
  ['https://example.com/a#/part', 'https://example.com/a#/part'],
  ['https://example.com/a#!part', 'https://example.com/a#!part'],
  ['https://example.com/a#/', 'https://example.com/a'],
  ['https://example.com/a#!/', 'https://example.com/a'],
  ['https://example.com/a#//x', 'https://example.com/a'],
  ['https://example.com/a?', 'https://example.com/a'],
  ['https://example.com/a/./b/../c', 'https://example.com/a/c'],
  ['https://example.com/%7euser/%41%2f%c3%a4', 'https://example.com/~user/A%2F%C3%A4'],
  ['https://example.com/ä b', 'https://example.com/%C3%A4%20b'],
  ['https://bücher.example/', 'https://xn--bcher-kva.example/'],
  ['https://example.com/a?utm_source=x&UTM_Medium=y&b=1&gclid=z&fbclid=q', 'https://example.com/a?b=1'],
  ['https://example.com/a?utm_source=x', 'https://example.com/a'],
  ['https://example.com/a?PHPSESSID=1&sid=2&id=3', 'https://example.com/a?sid=2&id=3'],
  ['https://example.com/a;jsessionid=0A1B?b=1', 'https://example.com/a?b=1'],
  ['https://example.com/a?b=2&a=1&b=1', 'https://example.com/a?b=2&a=1&b=1'],
  ['https://example.com/a?b=x+y%20z&c&d=%2f', 'https://example.com/a?b=x+y%20z&c&d=%2F'],
  // What servers tell apart is kept apart.
  ['https://www.example.com/a/index.html', 'https://www.example.com/a/index.html'],
  ['https://example.com/a/', 'https://example.com/a/'],
  ['https://example.com//a', 'https://example.com//a'],
])('%s becomes %s', (url, expected) => {
  expect(canonicalUrl(url)).toBe(expected);
});

test('the query goes when it is not wanted', () => {
  expect(canonicalUrl('https://example.com/a?b=1#c', { ignoreQueryParameters: true })).toBe(
    'https://example.com/a',
  );
});

test('the form of a canonical URL is itself', () => {
  fc.assert(
    fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
      const once = canonicalUrl(url);
      expect(canonicalUrl(once)).toBe(once);
      expect(documentId(once)).toBe(documentId(url));
    }),
  );
});

test('a document id is 32 hex digits, the same for each spelling of a page', () => {
  // printf 'https://example.com/a' | sha256sum
  expect(documentId('https://EXAMPLE.com:443/a?utm_source=x#part')).toBe('2dce0a4c50441bfccfa9caf4b58c3cba');
  expect(documentId('https://example.com/b')).toMatch(/^[0-9a-f]{32}$/);
  expect(documentId('https://example.com/b')).not.toBe(documentId('https://example.com/a'));
});
