import { expect, test, vi } from 'vitest';
import type { App } from './app-type.ts';
import { ServiceError } from './service-error.ts';
import { openTestApp } from './testing/test-app.ts';

const done: string[] = [];

function addRoutes(app: App): void {
  app.delete(
    '/v1/things/:id',
    { config: { scope: 'ingest', audit: { what: 'thing.delete' } } },
    async ({ params }) => {
      const { id } = params as { id: string };
      if (id === 'gone') throw new ServiceError('DOCUMENT_NOT_FOUND');
      done.push(id);
      return {};
    },
  );
  const of = () => ({ url: 'https://user:pass@a.example/path?token=1#x', text: 'x'.repeat(1000) });
  app.post('/v1/crawl', { config: { scope: 'crawl', audit: { what: 'thing.crawl', of } } }, async () => ({}));
  app.get('/v1/things', { config: { scope: 'query' } }, async () => ({ done: done.length }));
}

test('an act is recorded with its caller and request before it is done, and a read is not', async () => {
  await using test = await openTestApp(addRoutes);
  await test.app.inject({
    method: 'DELETE',
    url: '/v1/things/a',
    headers: { ...test.auth, 'x-request-id': 'r-1' },
  });
  await test.app.inject({ url: '/v1/things', headers: test.auth });
  const [made, ...acts] = test.audit.acts;
  expect(made).toMatchObject({ what: 'key.create' });
  expect(acts).toEqual([
    { what: 'thing.delete', by: made?.of?.['id'], from: '127.0.0.1', request: 'r-1', of: { id: 'a' } },
  ]);
});

test('an act that failed is followed by a line that says so', async () => {
  await using test = await openTestApp(addRoutes);
  await test.app.inject({ method: 'DELETE', url: '/v1/things/gone', headers: test.auth });
  await vi.waitFor(() => expect(test.audit.acts).toHaveLength(3));
  expect(test.audit.acts[2]).toMatchObject({ what: 'act.failed', of: { seq: 2, status: 404 } });
});

test('an act that cannot be recorded is refused with the reason, and reads go on', async () => {
  await using test = await openTestApp(addRoutes);
  test.audit.failure = 'ENOSPC';
  const before = done.length;
  const refused = await test.app.inject({ method: 'DELETE', url: '/v1/things/b', headers: test.auth });
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    detail: expect.stringContaining('ENOSPC'),
  });
  const read = await test.app.inject({ url: '/v1/things', headers: test.auth });
  expect(read.json()).toEqual({ done: before });
  expect((await test.app.inject('/readyz')).json()).toMatchObject({
    status: 'degraded',
    checks: { audit: { status: 'degraded', detail: 'ENOSPC' } },
  });
  test.audit.failure = undefined;
  const taken = await test.app.inject({ method: 'DELETE', url: '/v1/things/b', headers: test.auth });
  expect(taken.statusCode).toBe(200);
});

test('credentials, queries of URLs and long texts are not kept', async () => {
  await using test = await openTestApp(addRoutes);
  await test.app.inject({ method: 'POST', url: '/v1/crawl', headers: test.auth });
  const of = test.audit.acts.at(-1)?.of;
  expect(of?.['url']).toBe('https://[redacted]@a.example/path');
  expect(String(of?.['text']).length).toBeLessThan(310);
});

test('a flood of wrong keys is one line at first, and one with their number', async () => {
  const test = await openTestApp(addRoutes, { rateLimits: { ask: 0, write: 0, crawl: 0, keyless: 20 } });
  const wrong = { authorization: `Bearer xnai_${'a'.repeat(43)}` };
  const statuses = new Set<number>();
  for (let count = 0; count < 50; count++) {
    statuses.add((await test.app.inject({ url: '/v1/things', headers: wrong })).statusCode);
  }
  await test.app.inject('/v1/things');
  await test.app.inject({ url: '/nothing', headers: wrong });
  const onlyQuery = await test.authWith(['query']);
  await test.app.inject({ method: 'DELETE', url: '/v1/things/c', headers: onlyQuery });
  await test[Symbol.asyncDispose]();
  expect(statuses).toEqual(new Set([401, 429]));
  const refused = test.audit.acts.filter(({ what }) => what === 'key.refused');
  expect(refused.map(({ of }) => of)).toEqual([
    { unknown: 1, forbidden: 0, from: ['127.0.0.1'], by: [] },
    { unknown: 49, forbidden: 1, from: ['127.0.0.1'], by: [expect.any(String)] },
  ]);
});

test('a route that deletes or changes cannot be registered unrecorded', async () => {
  await using test = await openTestApp();
  for (const method of ['DELETE', 'PATCH'] as const) {
    const route = { method, url: '/v1/x', config: { scope: 'ingest' as const }, handler: async () => ({}) };
    expect(() => test.app.route(route)).toThrow(`${method} /v1/x is not recorded`);
  }
});

test('the last signed line stands in the metrics', async () => {
  await using test = await openTestApp(addRoutes);
  const metrics = await test.app.inject({ url: '/metrics', headers: test.auth });
  expect(metrics.body).toContain(`audit_checkpoint_info{writer="test",seq="1",hash="${'ab'.repeat(32)}"} 1`);
  expect(metrics.body).toContain('audit_failing 0');
});
