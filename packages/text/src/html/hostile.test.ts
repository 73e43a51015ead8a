import { expect, test } from 'vitest';
import { buildTree } from './build-tree.ts';
import { readHtml } from './read-html.ts';
import { type Element, findAll, rawText } from './tree.ts';

const repeat = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join('');
const documentOf = (html: string) => readHtml(html, { url: 'https://x.example/' }).document;

function depthOf(element: Element): number {
  let deepest = 0;
  for (let at: Element[] = [element]; at.length > 0; deepest += 1) {
    at = at.flatMap(({ children }) => children.filter((child) => typeof child !== 'string'));
  }
  return deepest;
}

test('two million open brackets are one piece of text', () => {
  const root = buildTree('<'.repeat(2_000_000));
  expect(root.children).toHaveLength(1);
  expect(rawText(root)).toHaveLength(2_000_000);
});

test('a tree is not deeper than all that recurses over it can bear, and no text is lost', () => {
  const root = buildTree(`${'<div><b>'.repeat(100_000)}deep${'</b></div>'.repeat(100_000)}<p>after</p>`);
  expect(depthOf(root)).toBeLessThan(260);
  expect(rawText(root)).toBe('deepafter');
  expect(root.children.at(-1)).toMatchObject({ name: 'p' });
});

test('unclosed paragraphs and lists stand beside each other as in a browser', () => {
  expect(depthOf(buildTree('<p><b>text '.repeat(20_000)))).toBeLessThan(5);
  expect(documentOf(`<ul>${'<li>x'.repeat(20_000)}`).blocks).toHaveLength(20_000);
});

test('spans do not multiply what a table says', () => {
  const html = `<table>${repeat(2000, () => `<tr><td rowspan=60000 colspan=1000>${'x'.repeat(150)}</td></tr>`)}</table>`;
  expect(documentOf(html).text.length).toBeLessThan(2 * html.length);
});

test('a row may have any number of cells of its own', () => {
  const row = `<tr>${repeat(400, (index) => `<td>cell${index}</td>`)}</tr>`;
  expect(documentOf(`<p>text</p><table>${row}${row}</table>`).text).toContain('cell399');
});

test('slots do not multiply what a page says', () => {
  const host = `<div><template shadowrootmode=open>${'<slot></slot>'.repeat(500)}</template>${'words '.repeat(500)}</div>`;
  expect(documentOf(`<main>${host.repeat(20)}</main>`).text.length).toBeLessThan(20 * host.length);
  const named =
    '<div><template shadowrootmode=open><slot name=a>first</slot><slot></slot><slot name=a>again</slot></template><b slot=a>one</b><i>two</i></div>';
  expect(documentOf(named).text).toBe('onetwoagain');
});

// The time limit of a test ends it where the work for each element grows with their number.
test.each([
  ['buttons', (count: number) => '<button>a</button>'.repeat(count)],
  ['switches', (count: number) => '<label for=a>a</label>'.repeat(count)],
  ['names of languages', (count: number) => '<span class=lang>c</span>'.repeat(count)],
  [
    'listings behind titles',
    (count: number) => `<pre>${'<i>a</i>'.repeat(count)}${'<code>a\n</code>'.repeat(count)}</pre>`,
  ],
])('%s beside each other take work in proportion', (_, make) => {
  expect(documentOf(`<main><p>text</p><div>${make(150_000)}</div></main>`).text).toContain('text');
});

test('deep lists do not multiply their indentation', () => {
  const html = '<ul><li>x'.repeat(5000);
  expect(documentOf(html).text.length).toBeLessThan(6 * html.length);
});

test('large pages keep their structure', () => {
  const table = documentOf(
    `<table>${repeat(40_000, (index) => `<tr><td>${index}</td><td>b</td></tr>`)}</table>`,
  );
  expect([table.blocks.length, table.tables.length]).toEqual([40_000, 1]);
  const code = documentOf(
    `<pre>${repeat(60_000, (index) => `<span class="ln">${index + 1}</span>let a;\n`)}</pre>`,
  );
  expect([code.blocks.length, code.text.split('\n').length]).toEqual([1, 60_002]);
  const links = readHtml(`<p>${repeat(50_000, (index) => `<a href="/p${index}">p</a> `)}`, {
    url: 'https://x.example/',
  });
  expect([links.links.length, links.document.blocks.length]).toEqual([50_000, 1]);
});

test('an attribute, a comment and a script that never end take the rest of the page', () => {
  for (const open of ['<p title="', '<!--', '<script>', '<style>', '<title>']) {
    expect(documentOf(`${open}${'x'.repeat(100_000)}`).text).toBe('');
  }
});

test('an element has its first attributes, and names of prototypes are none', () => {
  const [element] = findAll(buildTree('<p id=a id=b __proto__=x constructor=y>text'), () => true);
  expect(element?.attributes['id']).toBe('a');
  expect(element?.attributes['hidden']).toBeUndefined();
});
