import { gzipSync } from 'node:zlib';
import { type Page, redirectTo, respond, startSite } from '@xnai/testing';
import { afterEach, expect, test } from 'vitest';
import { createFetcher } from '../fetch/fetcher.ts';
import type { FetchError } from '../fetch-error.ts';
import { defaultSitemaps, readSitemaps, type SitemapEntry, type SitemapLimits } from './sitemap.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function read(
  pages: (origin: () => string) => Record<string, Page>,
  limits: Partial<SitemapLimits> = {},
  paths = ['/sitemap.xml'],
) {
  let origin = '';
  const site = await startSite(pages(() => origin));
  origin = site.origin;
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [origin], limits: { maxRatio: 1e9 } });
  open.push(site, fetcher);
  const found: string[] = [];
  const entries: SitemapEntry[] = [];
  const problems: unknown[] = [];
  const urls = paths.map((path) => `${origin}${path}`);
  for await (const page of readSitemaps({
    fetcher,
    urls,
    limits,
    onProblem: ({ url, error }) => problems.push({ url, code: (error as FetchError).code }),
  })) {
    entries.push(page);
    found.push(page.url.replace(origin, ''));
  }
  return { site, origin, urls: found, entries, problems };
}

/** Written when it is asked for, since its links need the port. */
const late =
  (write: () => string): Page =>
  (_request, response) =>
    void response.end(write());

const urlset = (...locs: string[]) =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${locs.map((loc) => `<url><loc>${loc}</loc></url>`).join('')}</urlset>`;
const index = (...locs: string[]) =>
  `<sitemapindex>${locs.map((loc) => `<sitemap><loc>${loc}</loc></sitemap>`).join('')}</sitemapindex>`;

test('an entry comes with its date and, in a feed, its title; what is no date is left out', async () => {
  const feed = (items: string) => `<rss xmlns:dc="d"><channel><title>News</title>${items}</channel></rss>`;
  const { entries } = await read(
    () => ({
      '/sitemap.xml': `<urlset><url><loc>https://x.example/a</loc><lastmod>2026-01-02</lastmod></url>
        <url><loc>https://x.example/b</loc><lastmod>yesterday</lastmod></url></urlset>`,
      '/rss.xml': feed(`<item><title>First <![CDATA[& best]]></title><link>https://x.example/c</link>
        <pubDate>Tue, 06 Jan 2026 10:00:00 GMT</pubDate></item>
        <item><link>https://x.example/d</link><dc:date>2026-02-01T00:00:00Z</dc:date></item>`),
    }),
    {},
    ['/sitemap.xml', '/rss.xml'],
  );
  expect(entries).toMatchObject([
    { url: 'https://x.example/a', lastmod: '2026-01-02T00:00:00.000Z' },
    { url: 'https://x.example/b' },
    { url: 'https://x.example/c', lastmod: '2026-01-06T10:00:00.000Z', title: 'First & best' },
    { url: 'https://x.example/d', lastmod: '2026-02-01T00:00:00.000Z' },
  ]);
  expect(entries[1]).not.toHaveProperty('lastmod');
});

test('pages are found, whatever prefix, CDATA, entity, date or extension stands around them', async () => {
  const { urls } = await read(() => ({
    '/sitemap.xml': `<?xml version="1.0"?>
      <s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="x">
        <s:url><s:loc> https://x.example/a?b=1&amp;c=2 </s:loc><s:lastmod>2026-01-02</s:lastmod>
          <image:image><image:loc>https://x.example/picture.png</image:loc></image:image></s:url>
        <s:url><s:loc><![CDATA[https://x.example/b]]></s:loc><s:lastmod>yesterday</s:lastmod></s:url>
        <s:url><s:lastmod>2026-01-02</s:lastmod></s:url>
        <s:url><s:loc>javascript:alert(1)</s:loc></s:url>
      </s:urlset>`,
  }));
  expect(urls).toEqual(['https://x.example/a?b=1&c=2', 'https://x.example/b']);
});

test.each([
  [
    'RSS 2.0',
    `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><link>https://x.example/home</link>
      <atom:link rel="self" href="https://x.example/rss"/>
      <item><title>A</title><link> https://x.example/a </link><comments>https://x.example/c</comments></item>
      <item><atom:link href="https://x.example/self"/><link><![CDATA[https://x.example/b]]></link></item>
      <item><title>Without a link</title></item></channel></rss>`,
  ],
  [
    'RSS 1.0',
    `<rdf:RDF xmlns:rdf="x" xmlns="http://purl.org/rss/1.0/"><channel><link>https://x.example/home</link></channel>
      <item><link>https://x.example/a</link></item><item><link>https://x.example/b</link></item></rdf:RDF>`,
  ],
  [
    'Atom',
    `<feed xmlns="http://www.w3.org/2005/Atom"><link href="https://x.example/home"/>
      <entry><link rel="replies" href="https://x.example/r"/><link href="https://x.example/a"/></entry>
      <entry><link rel="alternate" href="https://x.example/b"/><link rel="enclosure" href="https://x.example/e"/>
        </entry></feed>`,
  ],
  [
    'Atom with a prefix',
    `<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:link href="https://x.example/a"/></a:entry>
      <a:entry><a:link href="https://x.example/b"/></a:entry></a:feed>`,
  ],
])('a feed in %s names its pages', async (_name, feed) => {
  expect((await read(() => ({ '/sitemap.xml': feed }))).urls).toEqual([
    'https://x.example/a',
    'https://x.example/b',
  ]);
});

test.each([
  ['little endian with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ['big endian with a mark', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ['little endian without', (text: string) => Buffer.from(text, 'utf16le')],
  ['big endian without', (text: string) => Buffer.from(text, 'utf16le').swap16()],
])('UTF-16 is read, %s, however the bytes are parted', async (_name, encode) => {
  const bytes = encode(urlset('https://x.example/ä', 'https://x.example/b'));
  const { urls } = await read(() => ({
    '/sitemap.xml': (_request, response) => {
      for (const byte of bytes) response.write(Buffer.from([byte]));
      response.end();
    },
  }));
  expect(urls).toEqual(['https://x.example/%C3%A4', 'https://x.example/b']);
});

test('lines in UTF-16 are read, and bytes that are no text name no page', async () => {
  const lines = await read(() => ({
    '/sitemap.xml': respond(
      200,
      {},
      Buffer.from('\ufeffhttps://x.example/a\r\nhttps://x.example/b', 'utf16le'),
    ),
  }));
  expect(lines.urls).toEqual(['https://x.example/a', 'https://x.example/b']);
  const noise = await read(() => ({
    '/sitemap.xml': respond(200, {}, Buffer.from([0xff, 0xd8, 0x0a, 0x80, 0x01])),
  }));
  expect(noise.urls).toEqual([]);
});

test('a gzipped sitemap with a comment behind it is read', async () => {
  const body = Buffer.concat([gzipSync(urlset('https://x.example/a')), Buffer.from('<!-- cached -->')]);
  expect((await read(() => ({ '/sitemap.xml': respond(200, {}, body) }))).urls).toEqual([
    'https://x.example/a',
  ]);
});

test('an index leads to its sitemaps, gzipped and plain text among them', async () => {
  const { urls } = await read((origin) => ({
    '/sitemap.xml': late(() => index(`${origin()}/a.xml`, `${origin()}/b.xml.gz`, `${origin()}/c.txt`)),
    '/a.xml': late(() => urlset(`${origin()}/1`)),
    '/b.xml.gz': (_request, response) => {
      response.setHeader('content-type', 'application/x-gzip');
      response.end(gzipSync(urlset(`${origin()}/2`)));
    },
    '/c.txt': late(() => `\ufeff${origin()}/3\r\n\r\nhttp://[broken\n${origin()}/4`),
  }));
  expect(urls).toEqual(['/1', '/2', '/3', '/4']);
});

test('a sitemap that includes itself, or two that include each other, come to an end', async () => {
  const { urls, site } = await read((origin) => ({
    '/sitemap.xml': late(() =>
      index(`${origin()}/sitemap.xml`, `${origin()}/other.xml`, `${origin()}/pages.xml`),
    ),
    '/other.xml': late(() => index(`${origin()}/sitemap.xml`, `${origin()}/other.xml`)),
    '/pages.xml': late(() => urlset(`${origin()}/1`)),
  }));
  expect(urls).toEqual(['/1']);
  expect(site.lines).toEqual(['GET /sitemap.xml', 'GET /other.xml', 'GET /pages.xml']);
});

test('indexes are followed three levels down', async () => {
  const { site } = await read((origin) =>
    Object.fromEntries(
      ['/sitemap.xml', '/1', '/2', '/3', '/4', '/5'].map((path, depth) => [
        path,
        late(() => index(`${origin()}/${depth + 1}`)),
      ]),
    ),
  );
  expect(site.lines).toEqual(['GET /sitemap.xml', 'GET /1', 'GET /2', 'GET /3']);
});

test('an index does not lead to another host', async () => {
  const { problems, site } = await read((origin) => ({
    '/sitemap.xml': late(() => index('http://localhost/inside.xml', `${origin()}/a.xml`)),
    '/a.xml': urlset(),
  }));
  expect(problems).toEqual([]);
  expect(site.lines).toEqual(['GET /sitemap.xml', 'GET /a.xml']);
});

test('entries, files and bytes are counted, and reading stops at the limit', async () => {
  const many = urlset(...Array.from({ length: 5000 }, (_, number) => `https://x.example/${number}`));
  const few = await read(() => ({ '/sitemap.xml': many }), { maxEntries: 1234 });
  expect(few.urls).toHaveLength(1234);

  const files = await read(
    (origin) => ({
      '/sitemap.xml': late(() => index(...Array.from({ length: 50 }, (_, n) => `${origin()}/${n}`))),
    }),
    { maxFiles: 10 },
  );
  expect(files.site.lines).toHaveLength(10);

  const large = await read(() => ({ '/sitemap.xml': many }), { maxFileBytes: 50_000 });
  expect(large.problems).toMatchObject([{ code: 'too-large' }]);
});

test('a gzipped sitemap that unpacks to far more is refused at the limit', async () => {
  const bomb = Buffer.concat(Array.from({ length: 10 }, () => gzipSync(Buffer.alloc(30_000_000, ' '))));
  const { problems, urls } = await read(() => ({ '/sitemap.xml': respond(200, {}, bomb) }), {
    maxFileBytes: 1_000_000,
  });
  expect(urls).toEqual([]);
  expect(problems).toMatchObject([{ code: 'too-large' }]);
});

test('what cannot be read is reported, and the others are read', async () => {
  const { urls, problems, origin } = await read(
    () => ({
      '/broken.xml':
        '<urlset><url><loc>https://x.example/1</loc></url><url><loc>https://x.example/2</loc> <<< & </urlset',
      '/page.html': '<!doctype html><html><body><p>Not found</p></body></html>',
      '/notgzip.gz': respond(200, {}, Buffer.from([0x1f, 0x8b, 1, 2, 3])),
      '/inside.xml': redirectTo('http://10.0.0.1/sitemap.xml'),
      '/empty.xml': '',
      '/good.xml': urlset('https://x.example/3'),
    }),
    {},
    ['/missing.xml', '/broken.xml', '/page.html', '/notgzip.gz', '/inside.xml', '/empty.xml', '/good.xml'],
  );
  expect(urls).toEqual(['https://x.example/1', 'https://x.example/3']);
  expect(problems).toEqual([
    { url: `${origin}/missing.xml`, code: 'http-error' },
    { url: `${origin}/notgzip.gz`, code: 'network-error' },
    { url: `${origin}/inside.xml`, code: 'not-public' },
  ]);
});

test('a site without any names the usual place', () => {
  expect(defaultSitemaps('https://x.example')).toEqual(['https://x.example/sitemap.xml']);
});
