import { expect, test } from 'vitest';
import type { App } from './app-type.ts';
import { rateLimitsOf } from './common-env.ts';
import type { RateLimits } from './rate-limit.ts';
import { openTestApp } from './testing/test-app.ts';

function addRoutes(app: App): void {
  for (const scope of ['query', 'ingest', 'crawl', 'admin'] as const)
    app.get(`/v1/${scope}`, { config: { scope } }, async () => ({}));
}

const open = (limits: Partial<RateLimits>) =>
  openTestApp(addRoutes, { rateLimits: { ask: 0, write: 0, crawl: 0, keyless: 0, ...limits } });

test('one key too fast is answered 429 with the time to wait; another key is not', async () => {
  await using test = await open({ ask: 3 });
  const other = await test.authWith(['query']);
  const get = (headers: object) => test.app.inject({ url: '/v1/query', headers: { ...headers } });

  for (const remaining of ['2', '1', '0']) {
    const { statusCode, headers } = await get(test.auth);
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({ 'ratelimit-limit': '3', 'ratelimit-remaining': remaining });
  }
  const refused = await get(test.auth);

  expect(refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  expect(refused.headers['ratelimit-remaining']).toBe('0');
  expect(refused.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect((await get(other)).statusCode).toBe(200);
});

test('asking, writing and crawling have budgets of their own', async () => {
  await using test = await open({ ask: 1, write: 2, crawl: 1 });
  const get = async (scope: string) =>
    (await test.app.inject({ url: `/v1/${scope}`, headers: test.auth })).statusCode;

  expect([await get('query'), await get('admin')]).toEqual([200, 429]);
  expect([await get('ingest'), await get('ingest'), await get('ingest')]).toEqual([200, 200, 429]);
  expect([await get('crawl'), await get('crawl')]).toEqual([200, 429]);
});

test('one key writes 2,000 documents while it asks, within the default limits', async () => {
  await using test = await open(rateLimitsOf({}));
  const get = (scope: string) => test.app.inject({ url: `/v1/${scope}`, headers: test.auth });

  const seen = new Set<number>();
  for (let n = 0; n < 2000; n++) {
    seen.add((await get('ingest')).statusCode);
    if (n % 10 === 0) seen.add((await get('query')).statusCode);
  }
  expect([...seen]).toEqual([200]);
});

test('without a valid key an address has a budget, and /livez none', async () => {
  await using test = await open({ keyless: 2 });
  const get = (url: string, headers = {}, remoteAddress = '127.0.0.1') =>
    test.app.inject({ url, headers, remoteAddress }).then(({ statusCode }) => statusCode);
  const wrong = { authorization: 'Bearer xnai_wrong' };

  expect([await get('/v1/query', wrong), await get('/v1/query')]).toEqual([401, 401]);
  expect([await get('/v1/query', wrong), await get('/v1/query')]).toEqual([429, 429]);
  expect(await get('/v1/query', wrong, '127.0.0.2')).toBe(401);
  expect(await get('/v1/query', test.auth)).toBe(200);

  await using other = await open({ keyless: 2 });
  const ask = (url: string) => other.app.inject(url).then(({ statusCode }) => statusCode);
  expect([await ask('/readyz'), await ask('/readyz'), await ask('/readyz')]).toEqual([200, 200, 429]);
  for (let n = 0; n < 5; n++) expect(await ask('/livez')).toBe(200);
});

test('keys of our own services and a limit of 0 are not limited', async () => {
  await using test = await open({ ask: 1 });
  const exempt = await test.authWith(['query'], { exempt: true });

  for (let n = 0; n < 3; n++) {
    expect((await test.app.inject({ url: '/v1/query', headers: exempt })).statusCode).toBe(200);
    expect((await test.app.inject({ url: '/v1/ingest', headers: test.auth })).statusCode).toBe(200);
  }
});

test('behind a balancer that is trusted each client has a budget of its own, and behind others it has none', async () => {
  const limits = { ask: 0, write: 0, crawl: 0, keyless: 1 };
  const codes = async (trustedProxies: readonly string[]) => {
    await using test = await openTestApp(addRoutes, { rateLimits: limits, trustedProxies });
    const get = async (client: string) =>
      (await test.app.inject({ url: '/v1/query', headers: { 'x-forwarded-for': client } })).statusCode;
    return [await get('192.0.2.1'), await get('192.0.2.2'), await get('192.0.2.2')];
  };

  expect(await codes(['127.0.0.0/8'])).toEqual([401, 401, 429]);
  expect(await codes(['10.0.0.1'])).toEqual([401, 429, 429]);
});
