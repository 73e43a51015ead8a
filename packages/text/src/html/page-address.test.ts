import { describe, expect, test } from 'vitest';
import { readHtml } from './read-html.ts';

const read = (html: string, url = 'https://x.example/docs/page.html') => readHtml(html, { url });
const linksOf = (html: string) => read(html).links.map(({ url }) => url);

describe('links', () => {
  test('come absolute, once, without fragment, by the base, and without the page itself', () => {
    const html = `<base href="/v2/"><a href=a>A</a><A HREF='a#part'>again</A><map><area href="/b?x=1&amp;y=2"></map>
      <a href="mailto:me@x.example">mail</a><a href="javascript:void 0">js</a><a name=here>none</a>
      <a href="https://x.example/docs/page.html#top">top</a><link href="style.css" rel=stylesheet>`;
    expect(linksOf(html)).toEqual(['https://x.example/v2/a', 'https://x.example/b?x=1&y=2']);
  });

  test('are all read, on a page of any length and depth', () => {
    const links = Array.from({ length: 9000 }, (_, n) => `<p><a href=/p${n}>${n}</a></p>`).join('');
    expect(linksOf(links)).toHaveLength(9000);
    expect(linksOf('<div>'.repeat(1000) + links)).toHaveLength(9000);
  });

  test('in comments, scripts and texts are none', () => {
    const html = `<!-- <a href=/c> --><script>"<a href=/s>"</script><title><a href=/t></title><p title="<a href=/q>">`;
    expect(linksOf(html)).toEqual([]);
  });
});

test.each([
  ['/docs/other.html', 'https://x.example/docs/other.html'],
  ['https://elsewhere.example/page', undefined],
  ['/', undefined],
])('a canonical of %s is believed or not', (href, wanted) => {
  expect(read(`<link rel="shortlink canonical" href="${href}">`).canonicalUrl).toBe(wanted);
});

test('a refresh is read, except where a browser with scripts does not see it', () => {
  const refresh = '<meta http-equiv=Refresh content="0;url=t.html">';
  expect(read(refresh).refresh).toEqual({ seconds: 0, url: 'https://x.example/docs/t.html' });
  expect(read(`<base href=/v2/>${refresh}`).refresh?.url).toBe('https://x.example/v2/t.html');
  expect(read(`<noscript>${refresh}</noscript>`).refresh).toBeUndefined();
  expect(read(`<!--${refresh}-->`).refresh).toBeUndefined();
});
