import { Counter } from 'prom-client';
import { expect, test, vi } from 'vitest';
import { openTestApp } from './testing/test-app.ts';

test('/metrics counts requests by route template, and shows the process and metrics of others', async () => {
  await using test = await openTestApp((app) => {
    app.get('/v1/things/:id', { config: { scope: 'query' } }, async () => ({}));
    new Counter({ name: 'xnai_things_total', help: 'Things', registers: [app.metrics] }).inc(3);
  });
  for (const id of ['a', 'b']) await test.app.inject({ url: `/v1/things/${id}`, headers: test.auth });
  await test.app.inject('/v1/things/c');
  await test.app.inject('/nowhere');

  const response = await test.app.inject({ url: '/metrics', headers: test.auth });

  expect(response.headers['content-type']).toMatch(/^text\/plain/);
  expect(response.body).toContain(
    'http_request_duration_seconds_count{method="GET",route="/v1/things/:id",status="200"} 2',
  );
  expect(response.body).toContain('route="/v1/things/:id",status="401"} 1');
  expect(response.body).toContain('route="none",status="404"} 1');
  expect(response.body).toMatch(/^process_resident_memory_bytes \d+/m);
  expect(response.body).toContain('xnai_things_total 3');
});

test('/metrics wants a key with its scope', async () => {
  await using test = await openTestApp();

  expect((await test.app.inject('/metrics')).statusCode).toBe(401);
  expect(
    (await test.app.inject({ url: '/metrics', headers: await test.authWith(['query']) })).statusCode,
  ).toBe(403);
  expect(
    (await test.app.inject({ url: '/metrics', headers: await test.authWith(['metrics']) })).statusCode,
  ).toBe(200);
});

test('two apps in a process do not mix their metrics', async () => {
  await using one = await openTestApp();
  await using two = await openTestApp();
  await one.app.inject('/livez');
  await vi.waitFor(async () => expect(await one.app.metrics.metrics()).toContain('route="/livez"'));

  expect(await two.app.metrics.metrics()).not.toContain('route="/livez"');
});
