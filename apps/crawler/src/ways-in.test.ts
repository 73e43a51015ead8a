import { FORBIDDEN_HOSTS, type Inside, openInside } from '@xnai/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let inside: Inside;
let stack: TestStack;
let urls: string[];

beforeAll(async () => {
  inside = await openInside();
  stack = await startTestStack();
  // What depends on the resolver is left to the tests of the proxy, which have their own.
  const hosts = FORBIDDEN_HOSTS.filter((host) => !/\.test$|localhost\.$/.test(host));
  expect(hosts.length).toBeGreaterThanOrEqual(60);
  urls = hosts.flatMap((host) => [`http://${host}:${inside.port}/`, `http://${host}/`, `https://${host}/`]);
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await inside?.[Symbol.asyncDispose]();
});

const WAYS: readonly (readonly [string, (url: string) => object])[] = [
  ['/v1/crawls', (url) => ({ url })],
  ['/v1/crawls', (url) => ({ url: stack.site.origin, webhook: { url } })],
  ['/v1/crawls', (url) => ({ url, dryRun: true })],
  ['/v1/scrape', (url) => ({ url })],
  ['/v1/map', (url) => ({ url })],
  ['/v2/scrape', (url) => ({ url })],
  ['/v2/crawl', (url) => ({ url })],
  ['/v2/map', (url) => ({ url })],
];

it.each(WAYS)('no inside address is taken as what %s begins with', async (route, bodyOf) => {
  for (const url of urls) {
    const { status, body } = await stack.crawler.request('POST', route, { body: bodyOf(url) });
    expect([url, status, body.code]).toEqual([url, 422, 'TARGET_NOT_PUBLIC']);
  }
  expect(inside.connections()).toBe(0);
});

it('no link, redirect or sitemap of a crawl leads inside, and each is named among its errors', async () => {
  const { crawler, site } = stack;
  const locs = urls.map((url) => `<url><loc>${url}?map</loc></url>`).join('');
  const maps = urls
    .flatMap((url, index) => [url, `${site.origin}/map/${index}.xml`])
    .map((url) => `<sitemap><loc>${url}</loc></sitemap>`)
    .join('');
  site.pages['/robots.txt'] = [
    'User-agent: *',
    `Sitemap: ${site.origin}/sitemap.xml`,
    `Sitemap: ${site.origin}/index.xml`,
    ...urls.map((url) => `Sitemap: ${url}`),
  ].join('\n');
  site.pages['/sitemap.xml'] = `<urlset>${locs}</urlset>`;
  site.pages['/index.xml'] = `<sitemapindex>${maps}</sitemapindex>`;
  urls.forEach((url, index) => {
    const location = Buffer.from(url).toString('latin1');
    for (const path of [`/map/${index}.xml`, `/to/${index}`]) {
      site.pages[path] = (_request, response) => void response.writeHead(302, { location }).end();
    }
  });
  const links = urls.map((url, index) => `<a href="${url}">x</a> <a href="/to/${index}">y</a>`).join(' ');
  site.pages['/'] = {
    headers: { 'content-type': 'text/html' },
    body: `<main><h1>Links</h1><p>Many.</p>${links}</main>`,
  };
  const id = await crawler.submit({ url: `${site.origin}/`, allowExternalLinks: true, limit: 2000 });
  const crawl = await crawler.finish(id);
  expect(crawl.counters.indexed).toBe(1);
  // As one spelling is the same address as the next, there are fewer of them than URLs; of redirects there are not.
  const targets = new Set(urls.flatMap((url) => [new URL(url).href, new URL(`${url}?map`).href]));
  expect(crawl.skippedBy).toEqual({ 'not-public': targets.size + urls.length });
  expect(await crawler.errors(id)).toHaveLength(100);
  expect(site.paths.filter((path) => path.startsWith('/to/'))).toHaveLength(urls.length);
  expect(site.paths.filter((path) => path.startsWith('/map/'))).toHaveLength(urls.length);
  expect(inside.connections()).toBe(0);
}, 60_000);

it('a robots.txt that redirects inside is not followed there', async () => {
  const { crawler, site } = stack;
  site.pages['/robots.txt'] = (_request, response) =>
    void response.writeHead(302, { location: `http://127.0.0.1:${inside.port}/robots.txt` }).end();
  const crawl = await crawler.finish(
    await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', limit: 1 }),
  );
  expect(crawl.finishedAt).not.toBeNull();
  expect(inside.connections()).toBe(0);
});
