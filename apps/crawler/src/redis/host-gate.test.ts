import { article, type Handler, startRedis } from '@xnai/testing';
import { expect, it, vi } from 'vitest';
import type { TestCrawler } from '../testing/test-crawler.ts';
import { startTestStack } from '../testing/test-stack.ts';
import { createHostGate } from './host-gate.ts';

it('holds the gap and the number of requests of a host over all crawls and replicas', async () => {
  await using stack = await startTestStack();
  const { site, crawler } = stack;
  const replica = await stack.addReplica();
  const names = Array.from({ length: 8 }, (_, index) => `/p${index}`);
  let inFlight = 0;
  let most = 0;
  const ends: number[] = [];
  const gaps: number[] = [];
  site.pages['/robots.txt'] = '';
  site.pages['/'] = article('Home', names);
  for (const name of names) {
    site.pages[name] = (_request, response) => {
      gaps.push(performance.now() - (ends.at(-1) ?? Number.NEGATIVE_INFINITY));
      inFlight += 1;
      most = Math.max(most, inFlight);
      setTimeout(() => {
        inFlight -= 1;
        ends.push(performance.now());
        response.setHeader('content-type', 'text/html');
        response.end(`<main><h1>${name}</h1><p>Text of ${name}.</p></main>`);
      }, 100);
    };
  }
  const crawlBoth = async (name: string, options: object) => {
    const request = { url: `${site.origin}/`, sitemap: 'skip', ...options };
    const ids = await Promise.all(
      [crawler, replica].map((one, index) => one.submit({ ...request, collection: `${name}${index}` })),
    );
    for (const id of ids) expect(await crawler.finish(id)).toMatchObject({ counters: { indexed: 9 } });
  };

  await crawlBoth('many', { maxConcurrency: 3 });
  expect(most).toBeLessThanOrEqual(3);
  expect(most).toBeGreaterThan(1);

  most = 0;
  gaps.length = 0;
  await crawlBoth('slow', { delay: 0.2 });
  expect(most).toBe(1);
  // No request begins before the gap since the end of the last one is over; each waited for one.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(190);
}, 120_000);

it('holds them over crawls, scrapes, maps and batches of all replicas', async () => {
  await using stack = await startTestStack();
  const { site, crawler } = stack;
  const replica = await stack.addReplica();
  const names = Array.from({ length: 6 }, (_, index) => `/p${index}`);
  const kinds = new Map<string, number>();
  let inFlight = 0;
  let most = 0;
  let lastEnd = Number.NEGATIVE_INFINITY;
  const gaps: number[] = [];
  const page: Handler = ({ url = '' }, response) => {
    gaps.push(performance.now() - lastEnd);
    inFlight += 1;
    most = Math.max(most, inFlight);
    const kind = new URL(url, site.origin).search;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    setTimeout(() => {
      inFlight -= 1;
      lastEnd = performance.now();
      response.setHeader('content-type', 'text/html');
      response.end(article(url, url.startsWith('/p') ? [] : names.map((name) => `${name}${kind}`)));
    }, 100);
  };
  for (const path of ['/', ...names]) site.pages[path] = page;

  const post = async (to: TestCrawler, route: string, body: object) => {
    const answer = await to.request('POST', route, { body });
    expect([route, answer.body.detail ?? '', answer.status < 300]).toEqual([route, '', true]);
    return answer.body;
  };
  const askAll = async () => {
    const url = (kind: string, name = '/') => `${site.origin}${name}?${kind}`;
    const id = await crawler.submit({ url: url('crawl'), sitemap: 'skip' });
    const batch = await post(replica, '/v1/batch/scrape', {
      urls: names.slice(0, 3).map((name) => url('batch', name)),
    });
    await Promise.all([
      post(crawler, '/v1/scrape', { url: url('scrape') }),
      post(replica, '/v1/map', { url: url('map') }),
      post(replica, '/v2/scrape', { url: url('v2') }),
    ]);
    expect(await crawler.finish(id)).toMatchObject({ counters: { fetched: 7, failed: 0 } });
    await vi.waitFor(
      async () => {
        const { body } = await replica.request('GET', `/v1/batch/scrape/${batch.id}`);
        expect(body).toMatchObject({ status: 'completed', done: 3, failed: 0 });
      },
      { timeout: 60_000 },
    );
  };

  site.pages['/robots.txt'] = '';
  await askAll();
  expect(most).toBeLessThanOrEqual(5);
  expect(most).toBeGreaterThan(1);
  expect([...kinds.keys()].sort()).toEqual(['?batch', '?crawl', '?map', '?scrape', '?v2']);

  site.pages['/robots.txt'] = 'User-agent: *\nCrawl-delay: 0.2';
  most = 0;
  gaps.length = 0;
  await askAll();
  expect(most).toBe(1);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(190);
}, 180_000);

it('lets a host rest that asks a scrape for it, and says to the next client when to come again', async () => {
  await using stack = await startTestStack();
  const { site, crawler } = stack;
  const replica = await stack.addReplica();
  site.pages['/busy'] = { status: 429, headers: { 'retry-after': '50' }, body: 'too many' };
  site.pages['/page'] = article('Page');
  const scrape = (to: TestCrawler, path: string) =>
    to.request('POST', '/v1/scrape', { body: { url: `${site.origin}${path}` } });
  expect((await scrape(crawler, '/busy')).status).toBe(502);
  const answer = await scrape(replica, '/page');
  expect([answer.status, answer.body.code]).toEqual([503, 'OVERLOADED']);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(10);
  expect(site.paths).not.toContain('/page');
});

it('holds a place for as long as its process lives, and not much longer', async () => {
  await using redis = await startRedis();
  const holder = redis.connect();
  const pace = { gapMs: 0, maxInFlight: 1 };
  const other = createHostGate(redis.connect(), 300);
  expect(await createHostGate(holder, 300).enter('example.org', pace)).toHaveProperty('place');
  const leasedUntil = async () =>
    Number((await redis.client.zrange('xnai:crawl:gate:places:example.org', '0', '-1', 'WITHSCORES'))[1]);
  const first = await leasedUntil();
  await expect.poll(leasedUntil, { timeout: 20_000 }).toBeGreaterThan(first);
  holder.disconnect();
  await expect.poll(() => other.enter('example.org', pace), { timeout: 20_000 }).toHaveProperty('place');
});
