import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkDocument } from '../check-document.ts';
import { readHtml } from './read-html.ts';

const url = 'https://x.example/docs/page.html';
const page = (main: string, head = '') =>
  `<!doctype html><html lang="en-GB"><head><title>Pumps</title>${head}</head><body><main>${main}</main></body></html>`;
const kindsOf = (html: string) => readHtml(html).document.blocks.map(({ kind }) => kind);

describe('what a page says of itself', () => {
  test('comes from the same reading as its text', () => {
    const read = readHtml(
      page(
        '<h1>Pump</h1><p>Text <a href="a.html#x">a</a> <a rel="Nofollow ugc" href="/b">b</a> <a href="mailto:x@y">m</a> <a href="#here">here</a></p><iframe src="/frame"></iframe>',
        '<link rel="canonical" href="/docs/pump"><meta name="Robots" content="noindex"><meta name="ourbot" content="nofollow"><meta http-equiv="refresh" content="3; url=next.html">',
      ),
      { url },
    );
    expect(read).toMatchObject({
      title: 'Pumps',
      canonicalUrl: 'https://x.example/docs/pump',
      links: [
        { url: 'https://x.example/docs/a.html', rel: [], text: 'a' },
        { url: 'https://x.example/b', rel: ['nofollow', 'ugc'] },
      ],
      frames: ['https://x.example/frame'],
      metas: [
        { name: 'robots', content: 'noindex' },
        { name: 'ourbot', content: 'nofollow' },
      ],
      refresh: { seconds: 3, url: 'https://x.example/docs/next.html' },
      document: { title: 'Pumps', language: 'en-GB' },
    });
  });

  test('a link that may be followed in one place may be followed', () => {
    const { links } = readHtml(page('<a rel=nofollow href=/a><img></a><a href=/a> the\n<b>pump</b></a>'), {
      url,
    });
    expect(links).toEqual([{ url: 'https://x.example/a', rel: [], text: 'the pump' }]);
  });

  test('a refresh in a noscript is none, and a canonical of another site is not believed', () => {
    const read = readHtml(
      page(
        '<noscript><meta http-equiv=refresh content="0;url=/n"></noscript>',
        '<link rel=canonical href="https://y.example/">',
      ),
      { url },
    );
    expect([read.refresh, read.canonicalUrl]).toEqual([undefined, undefined]);
  });

  test('a title comes from Open Graph, structured data, the title, the first heading or the name of the file', () => {
    const titleOf = (html: string) => readHtml(html, { url }).title;
    expect(titleOf(page('<h1>H</h1>', '<meta property="og:title" content="Shared">'))).toBe('Shared');
    const data = '<script type="application/ld+json">{"@graph":[{"headline":"News"}]}</script>';
    expect(titleOf(page('<h1>H</h1>', data))).toBe('News');
    expect(titleOf('<h1>Heading <code>x</code></h1>')).toBe('Heading x');
    expect(titleOf('<p>text')).toBe('page.html');
  });
});

test('a piece of a page without an address is read as well', () => {
  const { document, title, links } = readHtml('<h2>Chapter</h2><p>A <a href="b.html">piece</a> of mail.');
  expect(document.text).toBe('## Chapter\n\nA piece of mail.');
  expect([title, links, document.losses]).toEqual(['Chapter', [], []]);
});

test('blocks belong to the item, definition or note that holds them', () => {
  const { document } = readHtml(
    '<ol><li>Stop<pre>stop</pre></li></ol><dl><dt>MTU<dd>1492<ul><li>bytes</ul></dl><div class="note"><p>Hot.</p><p>Wet.</p></div><p>End.',
  );
  expect(document.blocks.map(({ kind, parent }) => [kind, parent])).toEqual([
    ['item', -1],
    ['code', 0],
    ['definition', -1],
    ['item', 2],
    ['note', -1],
    ['paragraph', 4],
    ['paragraph', -1],
  ]);
});

test('kinds are those of the markup', () => {
  expect(
    kindsOf('<blockquote>q</blockquote><figure><img alt="A curve"><figcaption>c</figcaption></figure>'),
  ).toEqual(['quote', 'paragraph', 'caption']);
  expect(
    kindsOf(
      '<math display="block"><mi>x</mi></math><table><caption>T</caption><tr><td>1<td>2<tr><td>3<td>4</table>',
    ),
  ).toEqual(['math', 'caption', 'row', 'row']);
});

test('anchors point to the block that holds them', () => {
  const { document } = readHtml(
    '<h2 id="a">A</h2><p>x</p><p>See <a name="b"></a>here</p><table><tr id="c"><td>1<td>2<tr><td>3<td>4</table>',
  );
  const at = (name: string) => document.text.slice(document.anchors[name]).split('\n', 1)[0];
  expect([at('a'), at('b'), at('c')]).toEqual(['## A', 'See here', '| 1 | 2 |']);
});

test('what is left out is counted under its rule', () => {
  const { losses } = readHtml(
    `<body><nav><a href=a>Home page</a></nav><main><p>${'Text. '.repeat(50)}</p><p hidden>12345</p><button>Vote</button></main><div>outside</div><footer>foot</footer></body>`,
  ).document;
  expect(Object.fromEntries(losses.map(({ rule, chars }) => [rule, chars]))).toEqual({
    hidden: 5,
    controls: 4,
    navigation: 9,
    'outside-main': 7,
    footer: 4,
  });
});

test('Markdown has links, images, emphasis and escapes', () => {
  const { document } = readHtml(
    '<h2>The <em>pump</em></h2><p># <b>bold </b>and *args, <a href="/x">a <i>link</i></a> <img src="i.png" alt="Pump"></p><table><tr><th>a|b<th><a href=y>L</a></table><ol><li>One<pre>make</pre></ol>',
    { url, marks: 'markdown' },
  );
  expect(document.inline).toBe('markdown');
  expect(document.text).toBe(
    [
      '## The *pump*',
      '\\# **bold** and \\*args, [a *link*](https://x.example/x) ![Pump](https://x.example/docs/i.png)',
      '| a\\|b | [L](https://x.example/docs/y) |\n| --- | --- |',
      '1. One',
      '   ```\n   make\n   ```',
    ].join('\n\n'),
  );
});

const anyMarkup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'<p> </p> <ul> <li> </ul> <ol start=3> <table> <tr> <td rowspan=2> <th> </table> <pre> </pre> <code> </code> <dl> <dt> <dd> </dl>'.split(
          ' ',
        ),
      ),
      fc.constantFrom(
        '<div class=note>',
        '</div>',
        '<details><summary>',
        '</details>',
        '<h2 id=x>',
        '</h2>',
        '<br>',
        '<sup>',
        '</sup>',
        '<ruby>',
        '<rt>',
      ),
      fc.constantFrom(
        '<math><mfrac>',
        '</math>',
        '<template shadowrootmode=open>',
        '<slot>',
        '<blockquote>',
        '<svg><title>',
        '</svg>',
        '<div hidden>',
        '<a href=#>',
      ),
      fc.constantFrom('text', ' ', '`', '|', '\n', '1', '\0', '\ud800', '&amp;', '<', '\u200b', '&#x1F600;'),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

test('whatever is written, the blocks of what comes fit its text', () => {
  fc.assert(
    fc.property(anyMarkup, fc.constantFrom('code', 'markdown' as const), (html, marks) => {
      expect(checkDocument(readHtml(html, { url, marks }).document)).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
