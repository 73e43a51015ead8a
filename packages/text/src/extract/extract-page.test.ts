import { expect, test } from 'vitest';
import { extractPage } from './extract-page.ts';

const URL_OF_PAGE = 'https://docs.example/guide/page.html';

/** A page whose author marks the content, so that only the conversion is looked at. */
const main = (content: string, head = '') =>
  `<!doctype html><html lang="en"><head><title>Title</title>${head}</head><body><main>${content}<p>${'Enough text to be believed. '.repeat(10)}</p></main></body></html>`;

const filler = 'Enough text to be believed. '.repeat(10).trim();

function markdownOf(content: string): string {
  const { markdown } = extractPage(main(content), URL_OF_PAGE);
  expect(markdown.endsWith(filler)).toBe(true);
  return markdown.slice(0, -filler.length).trim();
}

test('headings keep their level and link to their anchor', () => {
  expect(
    markdownOf(
      '<h1>One</h1><h2 id="two">Two <a class="headerlink" href="#two">¶</a></h2><h3><a name="three"></a>3. Three</h3>',
    ),
  ).toBe('# One\n\n## [Two](#two)\n\n### [3. Three](#three)');
  expect(markdownOf('<section id="part"><h2>Part</h2><p>x</p></section>')).toBe('## [Part](#part)\n\nx');
});

test('line ends are those of HTML, however the page was written', () => {
  expect(markdownOf('<pre>git fetch\r\ngit merge\rgit push</pre>')).toBe(
    '```\ngit fetch\ngit merge\ngit push\n```',
  );
});

test('definition lists keep each term with its description', () => {
  expect(
    markdownOf(
      '<dl><dt>-n</dt><dt>--dry-run</dt><dd><p>Show only.</p><p>More.</p></dd><dt><em>&lt;path&gt;</em></dt><dd>A path.</dd></dl>',
    ),
  ).toBe('- **-n**, **--dry-run**: Show only.\n\n  More.\n\n- **\\<path>**: A path.');
});

test('definition lists nest, and hold lists and code', () => {
  expect(
    markdownOf(
      '<dl><dt>outer</dt><dd><dl><dt>inner</dt><dd>text</dd></dl></dd><dt>code</dt><dd><pre>x\n  y</pre></dd></dl>',
    ),
  ).toBe('- **outer**:\n\n  - **inner**: text\n- **code**:\n\n  ```\n  x\n    y\n  ```');
});

test('code keeps its lines, its language and its backticks', () => {
  expect(markdownOf('<pre><code class="language-python">if x:\n    y = "`"</code></pre>')).toBe(
    '```python\nif x:\n    y = "`"\n```',
  );
  expect(
    markdownOf(
      '<div class="highlight-rust notranslate"><div class="highlight"><pre><span>fn</span> main() {}\n</pre></div></div>',
    ),
  ).toBe('```rust\nfn main() {}\n```');
  expect(markdownOf('<pre>```\nfence\n```</pre>')).toBe('````\n```\nfence\n```\n````');
  expect(
    markdownOf(
      '<pre><code class="language-js">import a</code><code class="language-cjs">require(a)</code></pre>',
    ),
  ).toBe('```js\nimport a\n```\n\n```cjs\nrequire(a)\n```');
  expect(markdownOf('<p>Use <code>a `b` c</code> and <kbd>Ctrl</kbd>.</p>')).toBe(
    'Use ``a `b` c`` and `Ctrl`.',
  );
});

test('tables have a head, escaped pipes, and the text of spanning cells where they reach', () => {
  expect(
    markdownOf(
      '<table><thead><tr><th>Name</th><th>Use</th></tr></thead><tbody><tr><td rowspan="2">a|b</td><td>one<br>two</td></tr><tr><td><code>x</code></td></tr><tr><td colspan="2">all</td></tr></tbody></table>',
    ),
  ).toBe('| Name | Use |\n| --- | --- |\n| a\\|b | one two |\n| a\\|b | `x` |\n| all |  |');
  expect(markdownOf('<table><tr><td>1</td><td>2</td></tr></table>')).toBe(
    '|  |  |\n| --- | --- |\n| 1 | 2 |',
  );
  expect(markdownOf('<table><tr><td><p>layout</p><pre>code</pre></td><td>side</td></tr></table>')).toBe(
    'layout\n\n```\ncode\n```\n\nside',
  );
});

test('lists are indented under their marker and numbered as on the page', () => {
  expect(
    markdownOf(
      '<ol start="3"><li>three<ul><li>a</li><li>b</li></ul></li><li><p>four</p><pre>x</pre></li></ol>',
    ),
  ).toBe('3. three\n\n   - a\n   - b\n\n4. four\n\n   ```\n   x\n   ```');
});

test('links are absolute, and those within the page are text', () => {
  expect(
    markdownOf(
      '<p><a href="other.html#x">Other</a> <a href="#here">here</a> <a href="javascript:evil()">js</a> <a href="/a_(b)">b</a></p>',
    ),
  ).toBe('[Other](https://docs.example/guide/other.html#x) here js [b](https://docs.example/a_%28b%29)');
});

test('images are kept for what they say', () => {
  expect(
    markdownOf(
      '<p>A<img src="x.png" alt="a diagram">B<img src="y.png"><img src="data:image/png;base64,AAAA" alt="no"></p>',
    ),
  ).toBe('A![a diagram](https://docs.example/guide/x.png)B');
});

test('notes of AsciiDoc become quotes, and its horizontal lists definition lists', () => {
  expect(
    markdownOf(
      '<div class="admonitionblock"><table><tr><td class="icon"><div class="title">Note</div></td><td class="content">Mind it.</td></tr></table></div><div class="hdlist"><table><tr><td class="hdlist1">term</td><td class="hdlist2"><p>means</p></td></tr></table></div>',
    ),
  ).toBe('> **Note**\n>\n> Mind it.\n\n- **term**: means');
});

test('what readers do not see is dropped: hidden elements, code, comments, invisible characters', () => {
  const { markdown, title } = extractPage(
    main(
      `<p>Seen<span style="display: none">SECRET</span><span hidden>SECRET</span><span aria-hidden="true">SECRET</span>
       <b style="font-size:0">SECRET</b><i style="opacity: 0.0">SECRET</i><!-- SECRET --></p>
       <script>SECRET</script><style>SECRET</style><noscript>SECRET</noscript><template>SECRET</template>
       <svg><text>SECRET</text></svg><button>SECRET</button><textarea>SECRET</textarea><span class="sr-only">SECRET</span>
       <p>a\u200bb\u202ec\u00add\u{e0041}\u{e0042}e\u0000\ufefff</p>`,
      '<meta property="og:title" content="Ti\u200btle">',
    ),
    URL_OF_PAGE,
  );
  expect(markdown).not.toContain('SECRET');
  expect(markdown).toContain('abcdef');
  expect(title).toBe('Title');
});

test('non-breaking spaces are spaces', () => {
  expect(markdownOf('<p>Chapter&nbsp;1, 10\u202f000 times</p>')).toBe('Chapter 1, 10 000 times');
});

test('panels of tabs are kept, and joiners where letters need them', () => {
  expect(markdownOf('<div role="tabpanel" hidden><p>Other tab</p></div><p>می‌خواهم 👩‍💻 a\u200cb</p>')).toBe(
    'Other tab\n\nمی‌خواهم 👩‍💻 ab',
  );
});

test.each([
  ['<meta property="og:title" content="Shared title">', 'Shared title'],
  [
    '<script type="application/ld+json">{"@graph":[{"@type":"Article","headline":"Headline"}]}</script>',
    'Headline',
  ],
  ['<script type="application/ld+json">{broken</script>', 'Title'],
])('the title comes from %s', (head, title) => {
  expect(extractPage(main('', head), URL_OF_PAGE).title).toBe(title);
});

test('without a title the first heading or the file name stands in', () => {
  expect(extractPage('<body><h1 id="a">First &amp; only</h1></body>', URL_OF_PAGE).title).toBe(
    'First & only',
  );
  expect(extractPage('<body><p>text</p></body>', 'https://docs.example/gr%C3%B6%C3%9Fe.html').title).toBe(
    'größe.html',
  );
});

test('links are collected from the whole page, absolute, once, without fragment', () => {
  const page = extractPage(
    '<html><head><base href="/base/"></head><body><nav><a href="a">a</a><a href="b#x">b</a><a href="b#y">b</a></nav><a HREF=" https://other.example/?q=1&amp;r=2 ">o</a><area href="/map"><a href="mailto:a@b">m</a><a href="http://[">bad</a><a href="https://docs.example/guide/page.html#self">self</a></body></html>',
    URL_OF_PAGE,
  );
  expect(page.links).toEqual([
    'https://docs.example/base/a',
    'https://docs.example/base/b',
    'https://other.example/?q=1&r=2',
    'https://docs.example/map',
  ]);
});

test('frames and pages that have moved lead on', () => {
  const moved =
    '<meta http-equiv="Refresh" content="0; URL=\'new.html\'"><frameset><frame src="menu.html"></frameset>';
  expect(extractPage(moved, URL_OF_PAGE).links).toEqual([
    'https://docs.example/guide/new.html',
    'https://docs.example/guide/menu.html',
  ]);
});

test('all of 50,000 links are kept', () => {
  const page = extractPage(
    `<body><p>Text</p>${Array.from({ length: 50_000 }, (_, index) => `<a href="/p${index}">page ${index}</a> `).join('')}</body>`,
    URL_OF_PAGE,
  );
  expect(page.links).toHaveLength(50_000);
  expect(page.markdown).toContain('Text');
});

test.each([
  ['<meta name="robots" content="NOINDEX, nofollow">', '', true, true],
  ['<meta name="robots" content="none">', '', true, true],
  ['<meta name="robots" content="index, follow">', '', false, false],
  ['', 'noindex', true, false],
  ['', '', false, false],
])('%s and header %j: noindex %s, nofollow %s', (head, header, noindex, nofollow) => {
  expect(extractPage(main('', head), URL_OF_PAGE, header)).toMatchObject({ noindex, nofollow });
});

test.each([
  ['<link rel="canonical" href="/guide/page?x=1">', 'https://docs.example/guide/page?x=1'],
  ['<link rel="alternate canonical" href="page">', 'https://docs.example/guide/page'],
  ['<link rel="canonical" href="https://evil.example/">', undefined],
  ['<link rel="canonical" href="/">', undefined],
  ['<link rel="canonical" href="http://[">', undefined],
])('%s is taken as %s', (head, expected) => {
  expect(extractPage(main('', head), URL_OF_PAGE).canonicalUrl).toBe(expected);
});

test('the language is what the page says when it is one', () => {
  expect(extractPage('<html lang="de-AT"><body>x</body></html>', URL_OF_PAGE).language).toBe('de-AT');
  expect(extractPage('<html lang="{{lang}}"><body>x</body></html>', URL_OF_PAGE).language).toBeUndefined();
});

const article = `<article><h1>The title</h1>${Array.from({ length: 8 }, (_, index) => `<p>Paragraph ${index} of the article has a good number of words, so that it is clearly a text and not a menu.</p>`).join('')}</article>`;
const clutter = `<header><a href="/">Home</a></header><nav>${'<a href="/x">Menu entry</a> '.repeat(30)}</nav>`;
const after =
  '<aside><h3>Related</h3><ul><li><a href="/1">One</a></li><li><a href="/2">Two</a></li></ul></aside><footer>Copyright. All rights reserved.</footer>';

test.each([
  ['an author who marks the content', `<body>${clutter}<main>${article}</main>${after}</body>`, 'selector'],
  ['an author who marks the article', `<body>${clutter}${article}${after}</body>`, 'selector'],
  [
    'a page without any marks',
    `<body><div>${clutter}</div><div class="content">${article.replace(/(<\/?)article/g, '$1div')}</div><div>${after}</div></body>`,
    'defuddle',
  ],
  [
    'MkDocs',
    `<head><meta name="generator" content="mkdocs-1.6"></head><body>${clutter}<article class="md-content__inner">${article}</article>${after}</body>`,
    'selector',
  ],
  [
    'Sphinx',
    `<body>${clutter}<div class="document"><div class="body" role="main">${article}</div></div><div class="sphinxsidebar">Side</div>${after}</body>`,
    'selector',
  ],
  [
    'Docusaurus',
    `<head><meta name="generator" content="Docusaurus v3"></head><body>${clutter}<main><div class="theme-doc-markdown markdown">${article}</div></main>${after}</body>`,
    'selector',
  ],
  [
    'MediaWiki',
    `<head><meta name="generator" content="MediaWiki 1.45"></head><body>${clutter}<div id="mw-content-text"><div class="mw-parser-output">${article}<span class="mw-editsection">[edit]</span></div></div>${after}</body>`,
    'selector',
  ],
])('the content of %s is found, and nothing around it', (_name, html, method) => {
  const page = extractPage(html, URL_OF_PAGE);
  expect(page.method).toBe(method);
  for (let index = 0; index < 8; index += 1)
    expect(page.markdown).toContain(`Paragraph ${index} of the article`);
  expect(page.markdown).not.toMatch(/Menu entry|All rights reserved|\[edit\]|Side/);
});

test('a page of little text keeps all of it', () => {
  expect(extractPage('<body><div>Just one line.</div></body>', URL_OF_PAGE).markdown).toBe('Just one line.');
  expect(extractPage('plain words', URL_OF_PAGE).markdown).toBe('plain words');
  expect(extractPage('', URL_OF_PAGE).markdown).toBe('');
});

test.each([
  ['nested far too deep', `${'<div>'.repeat(100_000)}<p>The text</p>`],
  ['nested too deep and never closed', `${'<b><i><font>'.repeat(5000)}The text`],
  ['with unclosed paragraphs and spans', `${'<p><span>'.repeat(300)}The text`],
  ['with tables in tables', `${'<table><tr><td>'.repeat(2000)}The text`],
  ['with lists in lists', `${'<ul><li>x'.repeat(150)}<li>The text`],
  ['closed in the wrong order', '<div><p><b>The</div> text</b></p></i></body></div>'],
  [
    'with 100,000 attributes',
    `<p ${Array.from({ length: 100_000 }, (_, index) => `a${index}=1`).join(' ')}>The text</p>`,
  ],
  ['with NUL bytes', 'T\0he\0 te\0xt'],
  ['of half a tag', '<p>The text<a href="'],
  ['of 200,000 empty elements', `${'<i></i>'.repeat(200_000)}<p>The text</p>`],
])('a page %s gives its text', (_name, html) => {
  const { markdown } = extractPage(html, URL_OF_PAGE);
  expect(markdown.replace(/[*\s]+/g, ' ')).toContain('The text');
});

test('links of a page too deep for a tree are found too', () => {
  const page = extractPage(
    `<title>Deep</title>${'<div>'.repeat(1000)}<a href="/one?a=1&amp;b=2">one</a>`,
    URL_OF_PAGE,
  );
  expect(page).toMatchObject({ links: ['https://docs.example/one?a=1&b=2'], title: 'Deep', method: 'text' });
});

test('a megabyte on one line, and a code block of four, pass', () => {
  expect(
    extractPage(`<body><p>${'word '.repeat(200_000)}</p></body>`, URL_OF_PAGE).markdown.length,
  ).toBeGreaterThan(900_000);
  const { markdown } = extractPage(`<body><pre>${'x = y;\n'.repeat(600_000)}</pre></body>`, URL_OF_PAGE);
  expect(markdown.startsWith('```\nx = y;\nx = y;')).toBe(true);
  expect(markdown.length).toBeGreaterThan(4_000_000);
});
