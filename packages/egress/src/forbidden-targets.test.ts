import type { LookupFunction } from 'node:net';
import {
  FORBIDDEN_HOSTS,
  hostileNames,
  type Inside,
  lookupFrom,
  openInside,
  redirectTo,
  startSite,
  type TestSite,
  v4,
} from '@xnai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFetcher, type Fetcher } from './fetch/fetcher.ts';
import { FetchError } from './fetch-error.ts';
import { createRobots } from './robots/robots.ts';
import { readSitemaps } from './sitemap/sitemap.ts';

let inside: Inside;
let door: TestSite;
let fetcher: Fetcher;

const names = hostileNames();
const lookup = lookupFrom(names);

beforeAll(async () => {
  inside = await openInside();
  const targets = forbiddenUrls();
  door = await startSite(Object.fromEntries(targets.map((url, index) => [`/${index}`, redirectTo(url)])));
  fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [door.origin], lookup });
});

afterAll(async () => {
  await fetcher.close();
  await inside[Symbol.asyncDispose]();
  await door[Symbol.asyncDispose]();
});

function forbiddenUrls(): string[] {
  return FORBIDDEN_HOSTS.flatMap((host) => [
    `http://${host}:${inside.port}/`,
    `http://${host}/`,
    `https://${host}/`,
  ]);
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'fetched';
  } catch (error) {
    return error instanceof FetchError ? error.code : String(error);
  }
}

test('no spelling of an inside address is connected to', async () => {
  const urls = forbiddenUrls();
  expect(urls.length).toBeGreaterThanOrEqual(120);
  for (const url of urls) {
    expect([url, await codeOf(fetcher.fetch(url))]).toEqual([url, 'not-public']);
    expect([url, await codeOf(fetcher.check(url))]).toEqual([url, 'not-public']);
  }
  expect(inside.connections()).toBe(0);
});

test('no redirect leads to an inside address, even from an origin that is allowed', async () => {
  const urls = forbiddenUrls();
  for (const [index, url] of urls.entries()) {
    expect([url, await codeOf(fetcher.fetch(`${door.origin}/${index}`))]).toEqual([url, 'not-public']);
  }
  expect(door.lines).toHaveLength(urls.length);
  expect(inside.connections()).toBe(0);
});

test('no robots.txt redirects to an inside address', async () => {
  let target = '';
  await using site = await startSite({
    '/robots.txt': (request, response) => redirectTo(target)(request, response),
  });
  await using own = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin], lookup });
  for (target of forbiddenUrls()) {
    const verdict = await createRobots({ fetcher: own }).check(`${site.origin}/page`);
    expect([target, verdict.reason]).toEqual([target, 'robots-unreachable']);
  }
  expect(site.lines).toHaveLength(forbiddenUrls().length);
  expect(inside.connections()).toBe(0);
});

test('an inside origin has no robots.txt that would be asked for, and no second try', async () => {
  const robots = createRobots({ fetcher, retryDelayMs: 3_600_000 });
  for (const url of forbiddenUrls()) {
    const verdict = await robots.check(url);
    expect([url, verdict]).toEqual([url, { allowed: false, reason: 'not-public', sitemaps: [] }]);
  }
  expect(inside.connections()).toBe(0);
});

test('no sitemap is read from an inside address, be it named, redirected to or in an index', async () => {
  const urls = forbiddenUrls();
  const locs = urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('');
  await using index = await startSite({ '/index.xml': `<sitemapindex>${locs}</sitemapindex>` });
  const allowedOrigins = [index.origin, door.origin];
  await using own = createFetcher({ userAgent: 'test', allowedOrigins, lookup });
  const redirected = urls.map((_, place) => `${door.origin}/${place}`);
  const ways = [[`${index.origin}/index.xml`], urls, redirected];
  for (const way of ways) {
    const problems: string[] = [];
    const entries = readSitemaps({
      fetcher: own,
      urls: way,
      onProblem: ({ error }) => problems.push((error as FetchError).code),
    });
    expect(await Array.fromAsync(entries)).toEqual([]);
    // An index only speaks for its own host, at whatever port.
    expect(problems.length).toBeGreaterThanOrEqual(way.length === 1 ? 3 : way.length);
    expect(new Set(problems)).toEqual(new Set(['not-public']));
  }
  expect(inside.connections()).toBe(0);
});

test.each([
  'ftp://example.com/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'data:text/html,hi',
  'javascript:alert(1)',
  'http://user:secret@example.com/',
  'http://user@example.com/',
  'http://@127.0.0.1/',
  'http://example.com\\@127.0.0.1/',
  'http:\\\\127.0.0.1/',
  'http://example.com/a b',
  'http://exam\tple.com/',
  'http://example.com/\u0000',
  'http://example.com/\n',
  ' http://example.com/',
  'http://',
  'http:///',
  'http://[::1',
  'http://[fe80::1%25eth0]/',
  'http://999.999.999.999/',
  '//example.com/',
  'example.com',
  '',
  `http://example.com/${'a'.repeat(2000)}`,
])('%j is no URL to fetch', async (url) => {
  expect(await codeOf(fetcher.fetch(url))).toBe('url-invalid');
});

test('a name that changes its answer between two questions gains nothing', async () => {
  let asked = 0;
  const rebinding: LookupFunction = (_hostname, _options, callback) => {
    asked += 1;
    callback(null, asked === 1 ? [v4('127.0.0.1')] : [v4('93.184.216.34')]);
  };
  await using own = createFetcher({ userAgent: 'test', lookup: rebinding });
  expect(await codeOf(own.fetch('http://rebind.test/'))).toBe('not-public');
  expect(asked).toBe(1);
});

test('a name whose resolver does not answer is not refused in advance', async () => {
  const silent: LookupFunction = () => {};
  await using own = createFetcher({ userAgent: 'test', lookup: silent, limits: { connectTimeoutMs: 20 } });
  await expect(own.check('http://silent.test/')).resolves.toBeUndefined();
});

test('an allowed origin is that scheme, host and port, and nothing beside it', async () => {
  await using site = await startSite({ '/': 'public enough' });
  await using own = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin], lookup });
  expect((await own.fetch(`${site.origin}/`)).body.toString()).toBe('public enough');
  for (const url of [
    `http://127.0.0.1:${inside.port}/`,
    `https://127.0.0.1:${site.port}/`,
    `http://localhost:${site.port}/`,
    `http://[::1]:${site.port}/`,
    'http://127.0.0.1/',
  ]) {
    expect([url, await codeOf(own.fetch(url))]).toEqual([url, 'not-public']);
  }
  expect(site.lines).toEqual(['GET /']);
  expect(inside.connections()).toBe(0);
});

test('what is allowed to the owner is refused on behalf of a page of another site', async () => {
  await using site = await startSite({ '/': 'inside', '/map.xml': '<urlset/>' });
  names['wiki.test'] = [v4('127.0.0.1')];
  const allowedOrigins = [site.origin, 'http://wiki.test'];
  await using own = createFetcher({ userAgent: 'test', allowedOrigins, lookup });
  const from = 'https://public.example/page';
  expect(await codeOf(own.fetch(`${site.origin}/`))).toBe('fetched');
  expect(await codeOf(own.fetch(`${site.origin}/`, { from: 'http://wiki.test/page' }))).toBe('fetched');
  for (const url of [`${site.origin}/`, 'http://wiki.test/', 'http://wiki.test:443/', 'https://wiki.test/']) {
    expect([url, await codeOf(own.fetch(url, { from }))]).toEqual([url, 'not-public']);
  }
  const problems: unknown[] = [];
  const onProblem = ({ error }: { error: unknown }) => problems.push((error as FetchError).code);
  const urls = [`${site.origin}/map.xml`];
  expect(await Array.fromAsync(readSitemaps({ fetcher: own, urls, from, onProblem }))).toEqual([]);
  expect(problems).toEqual(['not-public']);
  expect(site.lines).toEqual(['GET /', 'GET /']);
});

test('an error tells neither what a name resolved to nor who refused', async () => {
  names['closed.test'] = [v4('127.0.0.1')];
  const own = createFetcher({ userAgent: 'test', allowedOrigins: ['http://closed.test:1'], lookup });
  const errors = await Promise.all(
    ['http://closed.test:1/', 'http://loopback.test/', 'http://gone.test/'].map((url) =>
      own.fetch(url).catch((error: unknown) => error),
    ),
  );
  await own.close();
  for (const error of errors) {
    expect(error).toBeInstanceOf(FetchError);
    const { stack: _, ...told } = { ...(error as FetchError), message: (error as Error).message };
    expect(JSON.stringify(told)).not.toMatch(/127\.0\.0\.1/);
    expect((error as Error).cause).toBeUndefined();
  }
});
