import { expect, test } from 'vitest';
import { extractBody } from './extract-body.ts';
import { isExtractable } from './extractable.ts';

const read = (type: string, body: string | Buffer, url = 'https://x.example/notes/2.39.0.txt') => {
  const [mime = '', charset] = type.split('; charset=');
  return extractBody({ url, mime, charset, body: Buffer.from(body) });
};

test('plain text and Markdown are passed on as they are', () => {
  expect(read('text/plain; charset=utf-8', 'Release notes\n=============\n\n * <first>\n')).toMatchObject({
    title: 'Release notes',
    markdown: 'Release notes\n=============\n\n * <first>',
    format: 'text/plain',
    links: [],
    method: 'plain',
  });
  expect(read('text/markdown', '# Title\n\nText *here*.')).toMatchObject({
    title: 'Title',
    markdown: '# Title\n\nText *here*.',
    format: 'text/markdown',
  });
});

test('a text without a heading is named after its file', () => {
  expect(read('text/plain', 'Just words.').title).toBe('2.39.0.txt');
});

test('the charset is settled before reading, and invisible characters go', () => {
  expect(read('text/plain; charset=iso-8859-1', Buffer.from('größe\0', 'latin1')).markdown).toBe('größe');
  expect(read('text/html', Buffer.from('<meta charset=latin1><p>größe</p>', 'latin1')).markdown).toBe(
    'größe',
  );
});

test('a response that names no type is read as HTML, other types are refused', () => {
  expect(read('', '<p>text</p>').markdown).toBe('text');
  expect(() => read('application/pdf', '%PDF')).toThrow(expect.objectContaining({ code: 'content-type' }));
  expect(
    ['text/html', 'application/xhtml+xml', 'text/plain', 'text/markdown', ''].map(isExtractable),
  ).toEqual(Array(5).fill(true));
  expect(['application/pdf', 'image/png', 'application/json', 'text/css'].map(isExtractable)).toEqual(
    Array(4).fill(false),
  );
});
