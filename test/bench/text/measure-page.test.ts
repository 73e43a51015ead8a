import { expect, test } from 'vitest';
import { measurePage } from './measure-page.ts';
import { overlapOf } from './word-f1.ts';

const sentence = (index: number) =>
  `Valve ${index} opens at ${index * 7} bar, and the lamp beside it turns from green to amber for ${index + 2} seconds.`;
const body = Array.from(
  { length: 12 },
  (_, index) =>
    `<h2 id="s${index}">Valve ${index}<a class="headerlink" href="#s${index}">¶</a></h2><p>${sentence(index)}</p><ul><li>part ${index}</li><li>seal ${index}</li></ul><pre>turn --valve ${index}</pre>`,
).join('');
const menu = Array.from(
  { length: 30 },
  (_, index) => `<li><a href="/p${index}">Chapter ${index} of another book</a></li>`,
).join('');
const page = (content: string, head = '') =>
  `<!doctype html><html><head><title>Valves</title>${head}</head><body><div class="menu"><ul>${menu}</ul></div>${content}<div class="foot"><a href="/about">About the firm and its founders</a></div></body></html>`;

/** How generators lay out a page, with content that was made for this test. */
const LAYOUTS: readonly (readonly [string, string, RegExp])[] = [
  [
    'sphinx',
    page(`<div class="sphinxsidebar"><h3>Contents</h3></div><div class="body" role="main">${body}</div>`),
    /<div class="body"/,
  ],
  [
    'asciidoc',
    page(
      `<div id="header"><h1>Valves</h1></div><div id="content">${body}</div>`,
      '<meta name="generator" content="AsciiDoc 10">',
    ),
    /<div id="content"/,
  ],
  [
    'doxygen',
    page(`<div class="contents">${body}</div>`, '<meta name="generator" content="Doxygen 1.9">'),
    /<div class="contents"/,
  ],
  [
    'javadoc',
    page(`<main role="main">${body}</main>`, '<meta name="generator" content="javadoc/X">'),
    /<main/,
  ],
  [
    'docbook',
    page(`<div class="chapter">${body}</div>`, '<meta name="generator" content="DocBook XSL">'),
    /<div class="chapter"/,
  ],
  [
    'vitepress',
    page(`<main><div class="vp-doc">${body}</div></main>`, '<meta name="generator" content="VitePress">'),
    /<div class="vp-doc"/,
  ],
];

test.each(LAYOUTS)('the content of a page by %s is found by its hints and without them', (_, html, main) => {
  const measured = measurePage(html, main);
  expect(measured?.withHints.f1).toBeGreaterThan(0.97);
  expect(measured?.withoutHints.f1).toBeGreaterThan(0.955);
  expect(measured?.unexplained).toBe(0);
});

test('words that are missing or too many lower the measure', () => {
  expect(overlapOf('one two three', 'one two three')).toMatchObject({ f1: 1 });
  expect(overlapOf('one two', 'one two three')).toMatchObject({ precision: 1, recall: 2 / 3 });
  expect(overlapOf('one one two', 'one two')).toMatchObject({ precision: 2 / 3, recall: 1 });
});

test('a page without the main element is not measured', () => {
  expect(measurePage(page(body), /<main>/)).toBeUndefined();
});
