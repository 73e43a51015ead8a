import { describe, expect, test } from 'vitest';
import { parseRefresh, readPageFacts } from './page-facts.ts';

const read = (html: string, url = 'https://x.example/docs/page.html') =>
  readPageFacts(html, { url, robotsNames: ['robots', 'ourbot'] });

describe('links', () => {
  test('come absolute, once, without fragment, by the base, and without the page itself', () => {
    const { links } =
      read(`<base href="/v2/"><a href=a>A</a><A HREF='a#part'>again</A><map><area href="/b?x=1&amp;y=2"></map>
      <a href="mailto:me@x.example">mail</a><a href="javascript:void 0">js</a><a href="https://x.example/docs/page.html#top">top</a>
      <frame src=menu.html><a name=here>none</a><link href="style.css" rel=stylesheet>`);
    expect(links).toEqual([
      'https://x.example/v2/a',
      'https://x.example/b?x=1&y=2',
      'https://x.example/v2/menu.html',
    ]);
  });

  test('are all read, on a page of any length and depth', () => {
    const html = '<div>'.repeat(50_000) + Array.from({ length: 9000 }, (_, n) => `<a href=/p${n}>`).join('');
    expect(read(html).links).toHaveLength(9000);
  });

  test('in comments, scripts and texts are none', () => {
    const { links } = read(
      `<!-- <a href=/c> --><script>"<a href=/s>"</script><title><a href=/t></title><p title="<a href=/q>">`,
    );
    expect(links).toEqual([]);
  });
});

test.each([
  ['/docs/other.html', 'https://x.example/docs/other.html'],
  ['https://elsewhere.example/page', undefined],
  ['/', undefined],
])('a canonical of %s is believed or not', (href, wanted) => {
  expect(read(`<link rel="shortlink canonical" href="${href}">`).canonicalUrl).toBe(wanted);
});

test('all metas of the names that were asked for are read, and no others', () => {
  const { robots } = read(`<meta name=robots content="index, follow"><meta name="OurBot" content=noindex>
    <meta content="nofollow" name=ROBOTS><meta name=otherbot content=none><meta property=robots content=none><meta name=robots>`);
  expect(robots).toEqual(['index, follow', 'noindex', 'nofollow', '']);
});

describe('a refresh', () => {
  const url = 'https://x.example/docs/t.html';
  test.each([
    ['0;url=t.html', { seconds: 0, url }],
    ['0; t.html', { seconds: 0, url }],
    ['0.5; URL = "t.html" and more', { seconds: 0, url }],
    ["  3 , url='t.html#part'", { seconds: 3, url }],
    ['.5 t.html', { seconds: 0, url }],
    ['5', undefined],
    ['5;', undefined],
    ['soon; url=t.html', undefined],
    ['0;url=javascript:alert(1)', undefined],
    ['0;url=http://[', undefined],
  ])('of %j is read as browsers read it', (content, wanted) => {
    expect(parseRefresh(content, 'https://x.example/docs/page.html')).toEqual(wanted);
  });

  test('is read from the page, except where a browser with scripts does not see it', () => {
    expect(read('<meta http-equiv=Refresh content="0;url=t.html">').refresh).toEqual({ seconds: 0, url });
    expect(read('<base href=/v2/><meta http-equiv=refresh content="0;t">').refresh?.url).toBe(
      'https://x.example/v2/t',
    );
    expect(read('<noscript><meta http-equiv=refresh content="0;t"></noscript>').refresh).toBeUndefined();
    expect(read('<!--<meta http-equiv=refresh content="0;t">-->').refresh).toBeUndefined();
  });
});
