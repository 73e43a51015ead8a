import { gzipSync } from 'node:zlib';
import { redirectTo, respond, startSite } from '@xnai/testing';
import { afterEach, expect, test } from 'vitest';
import { createFetcher } from '../fetch/fetcher.ts';
import { FetchError } from '../fetch-error.ts';
import { createRobots, type Robots } from './robots.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function start(pages: Parameters<typeof startSite>[0], moreOrigins: readonly string[] = []) {
  const site = await startSite(pages);
  const fetcher = createFetcher({
    userAgent: 'test',
    allowedOrigins: [site.origin, ...moreOrigins],
    limits: { totalTimeoutMs: 2000 },
  });
  open.push(site, fetcher);
  const robots: Robots = createRobots({ fetcher, retryDelayMs: 1 });
  return { site, robots, check: (path: string) => robots.check(`${site.origin}${path}`) };
}

test('rules are followed, asked for once for all pages of a site, at the same time or later', async () => {
  const { site, check } = await start({
    '/robots.txt':
      'User-agent: *\nDisallow: /private\nCrawl-delay: 90\nSitemap: https://site.example/map.xml',
  });
  const verdicts = await Promise.all(['/page', '/private/x', '/robots.txt'].map(check));
  const found = { crawlDelayMs: 30_000, sitemaps: ['https://site.example/map.xml'] };
  expect(verdicts).toEqual([
    { allowed: true, ...found },
    { allowed: false, reason: 'robots', line: 'Disallow: /private', ...found },
    { allowed: true, sitemaps: [] },
  ]);
  await check('/later');
  expect(site.lines).toEqual(['GET /robots.txt']);
});

test.each([401, 403, 404, 410, 451])('status %s means that there are no rules', async (status) => {
  const { check } = await start({ '/robots.txt': respond(status, {}, 'User-agent: *\nDisallow: /') });
  expect(await check('/page')).toMatchObject({ allowed: true });
});

test.each([429, 500, 502, 503, 504])(
  'status %s means that nothing may be crawled, whatever the body says',
  async (status) => {
    const { check } = await start({ '/robots.txt': respond(status, {}, 'User-agent: *\nAllow: /') });
    expect(await check('/page')).toMatchObject({
      allowed: false,
      reason: 'robots-unreachable',
      sitemaps: [],
    });
  },
);

test('a server that breaks off means that nothing may be crawled', async () => {
  const { check } = await start({ '/robots.txt': (_request, response) => void response.destroy() });
  expect(await check('/page')).toMatchObject({ allowed: false, reason: 'robots-unreachable' });
});

test('a request that was rejected for now says nothing, and is made again for the next page', async () => {
  const site = await startSite({ '/robots.txt': 'User-agent: *\nDisallow: /private' });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin] });
  open.push(site, fetcher);
  const rejection = new Error('the breaker is open');
  let isRejected = true;
  const robots = createRobots({
    fetcher: {
      ...fetcher,
      async open(url, options) {
        if (isRejected) throw rejection;
        return fetcher.open(url, options);
      },
    },
  });
  const check = () => robots.check(`${site.origin}/private`);
  await expect(check()).rejects.toBe(rejection);
  isRejected = false;
  expect(await check()).toMatchObject({ allowed: false, reason: 'robots' });
});

test('one failure is not the last word', async () => {
  let asked = 0;
  const { check } = await start({
    '/robots.txt': (_request, response) => {
      asked += 1;
      if (asked === 1) response.destroy();
      else response.end('User-agent: *\nDisallow: /private');
    },
  });
  expect(await check('/page')).toMatchObject({ allowed: true });
});

test('redirects are followed to another site, and the rules are those of the site asked', async () => {
  const elsewhere = await startSite({ '/rules': 'User-agent: *\nDisallow: /private' });
  open.push(elsewhere);
  const { check } = await start({ '/robots.txt': redirectTo(`${elsewhere.origin}/rules`) }, [
    elsewhere.origin,
  ]);
  expect(await check('/private')).toMatchObject({ allowed: false, reason: 'robots' });
});

test('redirects without end are no rules; a redirect to an inside address is no answer', async () => {
  const loop = await start({ '/robots.txt': redirectTo('/robots.txt') });
  expect(await loop.check('/page')).toMatchObject({ allowed: true });
  const inside = await start({ '/robots.txt': redirectTo('http://127.0.0.1/robots.txt') });
  expect(await inside.check('/page')).toMatchObject({ allowed: false, reason: 'robots-unreachable' });
});

const PNG = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
  Buffer.alloc(2000, 7),
]);

test.each([
  ['application/octet-stream', 'User-agent: *\nDisallow: /private', false],
  ['image/png', 'User-agent: *\nDisallow: /private', false],
  ['text/html', '<!doctype html><title>Not found</title><p>User-agent: *<br>Disallow: /private', true],
  ['application/json', '{"User-agent": "*", "Disallow": "/private"}', true],
  ['image/png', PNG, true],
])('a file of type %s is read for its lines, whatever it is: %s', async (type, body, allowed) => {
  const { check } = await start({ '/robots.txt': respond(200, { 'content-type': type }, body) });
  expect(await check('/private')).toMatchObject({ allowed });
});

test('a file that unpacks to far more than is read keeps the rules of its beginning', async () => {
  const bomb = gzipSync(`User-agent: *\nDisallow: /private\n${' '.repeat(30_000_000)}`);
  const { check } = await start({ '/robots.txt': respond(200, { 'content-encoding': 'gzip' }, bomb) });
  expect(await check('/private')).toMatchObject({ allowed: false });
});

test('half a mebibyte is read, and no rule cut in half', async () => {
  const line = 'Disallow: /never-there-0123456789\n';
  const filler = line.repeat(Math.floor((500 * 1024 - 60) / line.length));
  const { check } = await start({
    '/robots.txt': `User-agent: *\nDisallow: /early\n${filler}Disallow: /${'x'.repeat(100)}\n${line.repeat(100_000)}Disallow: /late\n`,
  });
  expect(await check('/early')).toMatchObject({ allowed: false });
  expect(await check('/late')).toMatchObject({ allowed: true });
  expect(await check('/xxx')).toMatchObject({ allowed: true });
});

test('a cancelled question says nothing about the site', async () => {
  const { robots, site, check } = await start({ '/robots.txt': 'User-agent: *\nDisallow: /private' });
  const cancelled = robots.check(`${site.origin}/page`, AbortSignal.abort());
  await expect(cancelled).rejects.toBeInstanceOf(FetchError);
  expect(await check('/page')).toMatchObject({ allowed: true });
});
