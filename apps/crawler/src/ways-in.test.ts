import { afterAll, beforeAll, expect, it } from 'vitest';
import { FORBIDDEN_HOSTS } from './fetch/fixtures/forbidden-hosts.ts';
import { type LocalSite, openLocalSite } from './fetch/fixtures/local-site.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

/** Stands for an inside service on every address of this machine; it must never be spoken to. */
let inside: LocalSite;
let stack: TestStack;
let urls: string[];

beforeAll(async () => {
  inside = await openLocalSite({ '/': 'secret', '/robots.txt': '', '/sitemap.xml': '' }, '::');
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

it.each(['/v1/crawls', '/v1/scrape'])('no inside address is taken as what %s begins with', async (route) => {
  for (const url of urls) {
    const { status, body } = await stack.crawler.request('POST', route, { body: { url } });
    expect([url, status, body.code]).toEqual([url, 422, 'TARGET_NOT_PUBLIC']);
  }
  expect(inside.connections()).toBe(0);
});

it('no link, redirect, robots.txt or sitemap of a crawl leads inside', async () => {
  // One form of each is enough for a crawl; names that nobody answers for are tried again, and cost seconds.
  const targets = urls.filter((url) => url.includes(`:${inside.port}/`) && !/localhost/i.test(url));
  const { crawler, site } = stack;
  const locs = targets.map((url) => `<url><loc>${url}</loc></url>`).join('');
  const maps = urls
    .map((_, index) => `<sitemap><loc>${site.origin}/map/${index}.xml</loc></sitemap>`)
    .join('');
  site.pages['/robots.txt'] = [
    'User-agent: *',
    `Sitemap: ${site.origin}/sitemap.xml`,
    `Sitemap: ${site.origin}/index.xml`,
    ...targets.slice(0, 20).map((url) => `Sitemap: ${url}`),
  ].join('\n');
  site.pages['/sitemap.xml'] = `<urlset>${locs}</urlset>`;
  site.pages['/index.xml'] = `<sitemapindex>${maps}</sitemapindex>`;
  targets.forEach((url, index) => {
    const location = Buffer.from(url).toString('latin1');
    for (const path of [`/map/${index}.xml`, `/to/${index}`]) {
      site.pages[path] = (_request, response) => void response.writeHead(302, { location }).end();
    }
  });
  const links = targets.map((url, index) => `<a href="${url}">x</a> <a href="/to/${index}">y</a>`).join(' ');
  site.pages['/'] = {
    headers: { 'content-type': 'text/html' },
    body: `<main><h1>Links</h1><p>Many.</p>${links}</main>`,
  };
  const id = await crawler.submit({ url: `${site.origin}/`, allowExternalLinks: true, limit: 2000 });
  const crawl = await crawler.finish(id);
  expect(crawl.counters.indexed).toBe(1);
  expect(crawl.skippedBy['not-public']).toBeGreaterThanOrEqual(targets.length);
  expect(site.hits.filter((path) => path.startsWith('/to/')).length).toBeGreaterThanOrEqual(55);
  expect(site.hits.some((path) => path.startsWith('/map/'))).toBe(true);
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
