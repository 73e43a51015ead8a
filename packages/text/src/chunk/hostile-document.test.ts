import { describe, expect, test } from 'vitest';
import { MAX_CHARS, WHOLE_CHARS } from './chunk.ts';
import { type ParsedDocument, parseDocument } from './parse-document.ts';

const MIB = 1024 ** 2;
const markdown = (text: string) => parseDocument(text, 'text/markdown');
const html = (text: string) => parseDocument(text, 'text/html');

/** Everything that is not blank is in a chunk, in order, and none is longer than it may be. */
function expectCovered({ text, chunks }: ParsedDocument, maxChars: number): void {
  let from = 0;
  for (const { start, end } of chunks) {
    expect(text.slice(from, start).trim()).toBe('');
    expect(end - start).toBeLessThanOrEqual(maxChars);
    from = end;
  }
  expect(text.slice(from).trim()).toBe('');
}

describe('a document made to hurt is chunked all the same', () => {
  test.each([
    ['a line of 1 MB with words', 'word '.repeat(200_000), MAX_CHARS],
    ['a line of 1 MB without any', 'a'.repeat(MIB), MAX_CHARS],
    ['a code block of 10 MiB', `\`\`\`\n${'const x = 1; // code\n'.repeat(499_000)}\`\`\``, MAX_CHARS],
    ['a code block of one line of 10 MiB', `\`\`\`\n${'x'.repeat(10 * MIB - 8)}\n\`\`\``, MAX_CHARS],
    ['a code block that never ends', `\`\`\`\n${'line\n'.repeat(200_000)}`, MAX_CHARS],
    ['a table of 1 MB', `| a | b |\n| - | - |\n${'| x y | z |\n'.repeat(90_000)}`, MAX_CHARS],
    ['50,000 quotes in one another', `${'>'.repeat(50_000)} x`, MAX_CHARS],
    ['lists in lists in one line', `${'- '.repeat(20_000)}x`, MAX_CHARS],
    ['200,000 opening brackets', '['.repeat(200_000), MAX_CHARS],
    ['emphasis that never closes', '*a **b '.repeat(20_000), MAX_CHARS],
    ['blank lines, 5 MB of them', `a${'\n'.repeat(5 * MIB)}b`, MAX_CHARS],
    ['blanks, 5 MB of them in a line', `a${' '.repeat(5 * MIB)}b`, MAX_CHARS],
    [
      'nested lists, 300 deep',
      Array.from({ length: 300 }, (_, n) => `${'  '.repeat(n)}- a`).join('\n'),
      WHOLE_CHARS,
    ],
  ])('%s', { timeout: 60_000 }, (_, text, maxChars) => {
    expectCovered(markdown(text), maxChars);
  });

  test('50,000 headings are 50,000 chunks', { timeout: 60_000 }, () => {
    expect(markdown('# h\n'.repeat(50_000)).chunks).toHaveLength(50_000);
  });
});

describe('HTML', () => {
  test('becomes markdown: structure is kept, scripts and styles are not', () => {
    const { text, title, chunks } = html(
      '<html><head><title> The\n title </title><style>p { color: red }</style></head><body><h1>Head</h1>' +
        '<p>One <b>bold</b> &amp; <a href="/x">linked</a>.</p><script>if (a < b) alert("<p>no</p>")</script>' +
        '<ul><li>first</li><li>second</li></ul><pre><code class="language-js">let a = 1;\n  b();</code></pre>' +
        '<table><tr><th>K</th><th>V</th></tr><tr><td>1</td><td>2</td></tr></table>' +
        '<img src="data:image/png;base64,AAAA" alt="no"><!-- no --></body></html>',
    );
    expect(title).toBe('The title');
    expect(text).toBe(
      '# Head\n\nOne **bold** & [linked](/x).\n\n- first\n- second\n\n```js\nlet a = 1;\n  b();\n```\n\n' +
        '| K | V |\n| - | - |\n| 1 | 2 |\n',
    );
    expect(chunks[0]?.heading).toEqual(['Head']);
  });

  test.each([
    [
      'tags that are not closed',
      '<h1>Walrus<p>one<p>two <b>bold<ul><li>a<li>b',
      ['one', 'two', 'bold', 'a', 'b'],
    ],
    ['a tag that is cut off', '<p>one</p><a href="x', ['one']],
    ['a comment that is cut off', '<p>one</p><!-- two', ['one']],
    ['a script that is cut off', '<p>one</p><script>two', ['one']],
    ['signs that are no tags', '<p>1 < 2 and <3 and <> and </ ></p>', ['1 < 2 and <3 and <> and']],
    ['closing tags that close nothing', '</div></p></b><p>one</p></table></html>two', ['one', 'two']],
  ])('with %s is repaired', (_, content, expected) => {
    const { text } = html(content);
    for (const part of expected) expect(text).toContain(part);
    expect(text).not.toContain('script');
  });

  test.each([
    ['divs', '<div>', '</div>', 200_000],
    ['spans', '<span>', '</span>', 200_000],
    ['lists', '<ul><li>', '</li></ul>', 20_000],
    ['tables', '<table><tr><td>', '</td></tr></table>', 10_000],
    ['quotes', '<blockquote>', '</blockquote>', 100_000],
    ['inline markup', '<b><i><u>', '</u></i></b>', 50_000],
  ])('with %s nested beyond measure keeps its text', { timeout: 60_000 }, (_, open, close, depth) => {
    expect(html(`${open.repeat(depth)}walrus`).text).toContain('walrus');
    expect(html(`${open.repeat(depth)}walrus${close.repeat(depth)}<p>after`).text).toMatch(/walrus.*after/s);
  });

  test('of signs alone takes no longer than its length asks', { timeout: 60_000 }, () => {
    for (const content of [
      '<'.repeat(MIB),
      '<a '.repeat(MIB / 4),
      '<!--'.repeat(MIB / 4),
      '</'.repeat(MIB / 4),
    ]) {
      expect(() => html(`${content}x`)).not.toThrow();
    }
  });
});
