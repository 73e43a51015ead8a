import { describe, expect, test } from 'vitest';
import { readPage } from './read-page.ts';

const read = (body: string | Buffer, mime = 'text/html', more = {}) =>
  readPage({ url: 'https://x.example/docs/page', mime, body: Buffer.from(body as string), ...more });

describe('a page', () => {
  test('of HTML comes with its title, blocks, links, frames and the URL that it declares', () => {
    const page = read(`<title>Pump</title><link rel=canonical href=/docs/pump><main><h1>Pump</h1>
      <p>See <a href=/docs/valve#top>the valve</a>.</p></main><iframe src=parts.html></iframe>`);
    expect(page).toMatchObject({
      title: 'Pump',
      canonicalUrl: 'https://x.example/docs/pump',
      links: ['https://x.example/docs/valve', 'https://x.example/docs/parts.html'],
      noindex: false,
      nofollow: false,
      document: { inline: 'code', blocks: [{ kind: 'heading' }, { kind: 'paragraph' }] },
    });
  });

  test('of XHTML is HTML', () => {
    const { blocks } = read('<h1>Pump</h1>', 'application/xhtml+xml').document;
    expect(blocks).toMatchObject([{ kind: 'heading' }]);
  });

  test('of Markdown or plain text is stored as it came', () => {
    const text = '# Pump\n\n* one\n';
    expect(read(text, 'text/markdown')).toMatchObject({
      title: 'Pump',
      document: { text, inline: 'markdown' },
    });
    expect(read(text, 'text/plain')).toMatchObject({ title: 'page', document: { text, inline: 'none' } });
  });

  test('of Markdown or a feed has links, and another one of XML is refused', () => {
    expect(read('[valve](valve.md)', 'text/markdown').links).toEqual(['https://x.example/docs/valve.md']);
    const feed = '<rss><channel><title>News</title><item><link>/a</link></item></channel></rss>';
    expect(read(feed, 'application/rss+xml')).toMatchObject({
      title: 'News',
      links: ['https://x.example/a'],
    });
    expect(() => read('<urlset/>', 'text/xml')).toThrow(expect.objectContaining({ code: 'content-type' }));
  });

  test('of another type is refused', () => {
    expect(() => read('PNG', 'image/png')).toThrow(expect.objectContaining({ code: 'content-type' }));
  });
});

test('links that the site asks not to follow are left out, unless another link leads there', () => {
  const { links } = read('<a rel="ugc NoFollow" href=/a>a</a><a href=/b>b</a><a rel=nofollow href=/b>b</a>');
  expect(links).toEqual(['https://x.example/b']);
});

test.each([
  ['<meta name=robots content="index"><meta name="XoeNovAI" content="noindex"><p>a', undefined, true],
  ['<meta name=googlebot content="noindex"><p>a', undefined, false],
  ['<p>a', ['otherbot: none', 'noindex'], true],
])('%s with headers %j is not to be indexed: %s', (html, robotsHeaders, wanted) => {
  expect(read(html, 'text/html', { robotsHeaders }).noindex).toBe(wanted);
});

describe('a page whose charset cannot be found out', () => {
  const undecoded = '\uFFFD';

  test('is refused when more than one character in a hundred is lost', () => {
    expect(() => read(`${undecoded.repeat(2)}${'a'.repeat(98)}`, 'text/plain')).toThrow(
      expect.objectContaining({ code: 'charset' }),
    );
  });

  test('is read when fewer are', () => {
    expect(read(`${undecoded}${'a'.repeat(99)}`, 'text/plain').document.text).toContain(undecoded);
  });
});

test('marks of Markdown are written for those who want to read the text as such', () => {
  const body = Buffer.from('<p>A <b>bold</b> <a href="/b">link</a></p>');
  const input = { url: 'https://x.example/', mime: 'text/html', body };
  expect(readPage(input).document.text).toBe('A bold link');
  expect(readPage(input, { marks: 'markdown' }).document.text).toBe('A **bold** [link](https://x.example/b)');
});
