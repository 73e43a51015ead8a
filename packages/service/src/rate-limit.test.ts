import { expect, test } from 'vitest';
import type { App } from './app-type.ts';
import { openTestApp } from './testing/test-app.ts';

function addRoute(app: App): void {
  app.get('/v1/x', { config: { scope: 'query' } }, async () => ({}));
}

test('one key too fast is answered 429 with the time to wait; another key is not', async () => {
  await using test = await openTestApp(addRoute, { rateLimitPerMinute: 3 });
  const other = await test.authWith(['query']);
  const get = (headers: object) => test.app.inject({ url: '/v1/x', headers: { ...headers } });

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

test('keys of our own services, open routes and a limit of 0 are not limited', async () => {
  await using test = await openTestApp(addRoute, { rateLimitPerMinute: 1 });
  await using unlimited = await openTestApp(addRoute, { rateLimitPerMinute: 0 });
  const exempt = await test.authWith(['query'], { exempt: true });

  for (let n = 0; n < 3; n++) {
    expect((await test.app.inject({ url: '/v1/x', headers: exempt })).statusCode).toBe(200);
    expect((await test.app.inject({ url: '/readyz', headers: test.auth })).statusCode).toBe(200);
    expect((await unlimited.app.inject({ url: '/v1/x', headers: unlimited.auth })).statusCode).toBe(200);
  }
});

test('the limit is one for all routes together', async () => {
  await using test = await openTestApp(
    (app) => {
      addRoute(app);
      app.get('/v1/y', { config: { scope: 'query' } }, async () => ({}));
    },
    { rateLimitPerMinute: 1 },
  );

  expect((await test.app.inject({ url: '/v1/x', headers: test.auth })).statusCode).toBe(200);
  expect((await test.app.inject({ url: '/v1/y', headers: test.auth })).statusCode).toBe(429);
});
