import { article } from '@xnai/testing';
import { afterEach, expect, it } from 'vitest';
import type { TestCrawler } from './testing/test-crawler.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let stack: TestStack | undefined;

afterEach(() => stack?.[Symbol.asyncDispose]());

it('leaves a host alone whose every page fails, by its breaker', async () => {
  stack = await startTestStack();
  const { crawler, site } = stack;
  const links = Array.from({ length: 60 }, (_, i) => `/p${i}`);
  site.pages['/'] = article('Home', links);
  for (const link of links) site.pages[link] = { status: 500 };
  const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', maxConcurrency: 10 });
  // Eight failures in a row open it for five seconds; what was under way then is answered still.
  await crawler.until(id, () => site.paths.length > 9);
  const until = performance.now() + 2000;
  await crawler.until(id, () => performance.now() > until);
  expect(site.paths.length).toBeLessThanOrEqual(2 + 8 + 10);
  expect(await crawler.crawl(id)).toMatchObject({ status: 'running' });
  await crawler.request('DELETE', `/v1/crawls/${id}`);
  await crawler.finish(id);
});

const openHosts = async (crawler: TestCrawler): Promise<string[]> => {
  const { breakers } = (await crawler.request('GET', '/v1/breakers')).body;
  return breakers
    .filter(({ name }: { name: string }) => name.startsWith('host:'))
    .map(({ name, state }: Record<string, string>) => `${name} ${state}`);
};

it('what one crawl finds down, no other crawl, scrape or replica asks, until it is up again', async () => {
  stack = await startTestStack({ isForked: true, variables: { CRAWL_CONCURRENCY: '2' } });
  const { crawler, site, addReplica } = stack;
  const other = await addReplica();
  const { host } = new URL(site.origin);
  const links = Array.from({ length: 10 }, (_, i) => `/p${i}`);
  let isDown = true;
  site.pages['/'] = article('Home', links);
  for (const link of links) {
    site.pages[link] = (_request, response) => {
      response.writeHead(isDown ? 500 : 200, { 'content-type': 'text/html' }).end(article(link));
    };
  }
  site.pages['/second'] = article('Second');
  const submit = (path: string) => crawler.submit({ url: site.origin + path, sitemap: 'skip', limit: 12 });

  const first = await submit('/');
  await expect.poll(() => openHosts(crawler), { timeout: 30_000 }).toEqual([`host:${host} open`]);
  await expect.poll(() => openHosts(other)).toEqual([`host:${host} open`]);
  const asked = site.paths.length;
  const second = await submit('/second');
  await crawler.until(second, ({ status }) => status === 'running');
  const scraped = await other.request('POST', '/v1/scrape', {
    body: { url: `${site.origin}/second`, render: 'never' },
  });
  expect(scraped).toMatchObject({ status: 503, body: { code: 'BREAKER_OPEN' } });
  expect(await openHosts(crawler)).toEqual([`host:${host} open`]);
  expect(site.paths.slice(asked)).not.toContain('/second');

  isDown = false;
  for (const id of [first, second]) expect(await crawler.finish(id)).toMatchObject({ status: 'completed' });
  expect(site.paths).toContain('/second');
  for (const one of [crawler, other]) await expect.poll(() => openHosts(one)).toEqual([]);
  // Nothing is kept of it but the closed record, for as long as another replica may hold the host open.
  const redis = stack.redis.client;
  expect(await redis.keys('xnai:brk:{crawler:host*')).toEqual([`xnai:brk:{crawler:host:${host}}`]);
  expect(await redis.pttl(`xnai:brk:{crawler:host:${host}}`)).toBeLessThanOrEqual(60_000);
}, 60_000);
