import { expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { readHtml } from './read-html.ts';
import { loadCases } from './testing/load-cases.ts';

const cases = ['cases.txt', 'siblings.txt', 'generators.txt'].flatMap((file) =>
  loadCases(new URL(`testing/${file}`, import.meta.url)),
);

test.each(cases.map(({ name, ...rest }) => [name, rest] as const))('%s', (_, { html, stored }) => {
  const { document } = readHtml(html, { url: 'https://example.org/manual/page.html' });
  expect(document.text).toBe(stored);
  expect(checkDocument(document)).toBeUndefined();
});
