import { expect, test } from 'vitest';
import { shallowPieces } from './html-pieces.ts';
import { htmlToMarkdown } from './html-to-markdown.ts';

const section = (n: number) =>
  `<h2>Part ${n}</h2><p>Some <b>bold</b> words of part ${n}.</p><ul><li>one ${n}<li>two</ul>` +
  `<table><tr><th>Key<th>Value<tr><td>k${n}<td>v</table><pre>code\n  of ${n}</pre>`;
const sections = Array.from({ length: 1000 }, (_, n) => section(n));

test('a page that is not long is one piece, without what is not for readers', () => {
  expect(shallowPieces('<p>a<!-- no --><script>no()</script> &amp; b</p>')).toEqual(['<p>a &amp; b</p>']);
});

test('a long page leads to the same markdown as its parts do one by one', () => {
  const page = `<html><head><title>Long</title></head><body><div><main>${sections.join('\n')}</main></div></body></html>`;
  expect(shallowPieces(page).length).toBeGreaterThan(3);
  const { title, markdown } = htmlToMarkdown(page);
  expect(title).toBe('Long');
  expect(markdown).toBe(sections.map((part) => htmlToMarkdown(part).markdown).join('\n'));
});

test('a table and a list too long for a piece go on as table and list', () => {
  const rows = Array.from({ length: 3000 }, (_, n) => `<tr><td>key ${n}</td><td>value</td></tr>`);
  const table = htmlToMarkdown(`<table>${rows.join('')}</table>`).markdown;
  expect(table.match(/^\| key \d+\s+\| value \|$/gm)).toHaveLength(3000);
  const items = Array.from({ length: 6000 }, (_, n) => `<li>item ${n}`);
  expect(htmlToMarkdown(`<ul>${items.join('')}</ul>`).markdown.match(/^- item \d+$/gm)).toHaveLength(6000);
});

test('what is hidden stays hidden where it is cut', () => {
  const hidden = `<div hidden>${'<p>SECRET words</p>'.repeat(20_000)}</div>`;
  expect(htmlToMarkdown(`<p>before</p>${hidden}<p>after</p>`).markdown).toBe('before\n\nafter\n');
});
