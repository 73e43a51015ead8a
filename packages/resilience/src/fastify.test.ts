import Fastify from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { breakerRoutes, replyWithProblem } from './fastify.ts';
import { createRegistry, type Store } from './index.ts';
import { MemoryBackend } from './testing/index.ts';

const appOf = async (store?: Store) => {
  const registry = createRegistry({ service: 's', store }).define({
    store: { window: { kind: 'consecutive', failures: 1 }, openMs: 60_000 },
    other: {},
  });
  await registry.start();
  onTestFinished(() => registry.close());
  const app = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    if (!replyWithProblem(error, reply)) void reply.code(500).send();
  });
  await app.register(breakerRoutes, {
    registry,
    actor: (request) => String(request.headers['x-who'] ?? 'nobody'),
    preHandler: async (request, reply) => {
      if (request.headers.authorization !== 'Bearer admin') await reply.code(403).send({});
    },
  });
  app.get('/guarded', () => registry.get('store').execute(() => Promise.reject(new Error('down'))));
  const order = (path: string, payload: unknown, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: `/v1/breakers/${path}`,
      payload: payload as object,
      headers: { authorization: 'Bearer admin', ...headers },
    });
  return { app, registry, order };
};

test('breakers are listed to whoever may see them, and to nobody else', async () => {
  const { app } = await appOf();
  expect((await app.inject('/v1/breakers')).statusCode).toBe(403);
  const { breakers } = (
    await app.inject({ url: '/v1/breakers', headers: { authorization: 'Bearer admin' } })
  ).json();
  expect(breakers[1]).toEqual({
    name: 'other',
    state: 'closed',
    generation: 0,
    scope: 'local',
    retry_after_ms: 0,
    failures: 0,
    calls: 0,
    opened_at: null,
    opened_by: null,
    cause: null,
    view_age_ms: null,
    forced: null,
  });
});

test('an open circuit is a 503 that says when to come again', async () => {
  const { app } = await appOf();
  expect((await app.inject('/guarded')).statusCode).toBe(500);
  const refused = await app.inject('/guarded');
  expect(refused.statusCode).toBe(503);
  expect(refused.headers['retry-after']).toBe('60');
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.json()).toMatchObject({ status: 503, code: 'BREAKER_OPEN' });
});

test('an isolation holds until reset, with who and why', async () => {
  const { app, registry, order } = await appOf();
  const isolated = await order('store/isolate', { reason: 'works', ttl_s: 60 }, { 'x-who': 'ann' });
  expect(isolated.statusCode).toBe(200);
  expect(isolated.json()).toMatchObject({
    state: 'isolated',
    reached: 'replica',
    forced: { by: 'ann', reason: 'works' },
  });
  expect((await app.inject('/guarded')).json()).toMatchObject({ code: 'BREAKER_ISOLATED' });
  const reset = await order(
    'store/reset',
    { reason: 'done' },
    { 'if-match': String(isolated.headers['etag']) },
  );
  expect(reset.json()).toMatchObject({ state: 'closed', forced: null });
  expect(registry.get('store').state).toBe('closed');
});

test('resources are listed beside breakers, with what was measured and what could not be', async () => {
  const { app, registry } = await appOf();
  const memory = registry.resource('memory', {
    sources: [
      { name: 'here', read: async () => ({ used: 0.85, detail: '85 % of 4 MiB' }) },
      { name: 'nowhere', read: async () => undefined },
    ],
  });
  await memory.sample();
  const { resources } = (
    await app.inject({ url: '/v1/breakers', headers: { authorization: 'Bearer admin' } })
  ).json();
  expect(resources).toEqual([
    {
      name: 'memory',
      level: 'shed',
      readings: [
        { source: 'here', level: 'shed', used: 0.85, detail: '85 % of 4 MiB' },
        { source: 'nowhere', level: 'unknown', used: null, detail: 'unknown' },
      ],
    },
  ]);
});

test('orders are listed newest first; without a store there is nothing to list', async () => {
  const headers = { authorization: 'Bearer admin' };
  const alone = await appOf();
  expect((await alone.app.inject({ url: '/v1/breakers/orders', headers })).json()).toMatchObject({
    status: 503,
    code: 'STORE_DOWN',
  });
  const { app, order } = await appOf(new MemoryBackend().connect());
  await order('store/isolate', { reason: 'works', ttl_s: 60 }, { 'x-who': 'ann' });
  await order('store/reset', { reason: 'done' }, { 'x-who': 'bob' });
  const { orders } = (await app.inject({ url: '/v1/breakers/orders', headers })).json();
  expect(orders).toMatchObject([
    { breaker: expect.stringContaining('store'), action: 'reset', by: 'bob', reason: 'done', ttl_s: null },
    { breaker: expect.stringContaining('store'), action: 'isolate', by: 'ann', reason: 'works', ttl_s: 60 },
  ]);
  expect(new Date(orders[0].at).toISOString()).toBe(orders[0].at);
});

test('each route carries the config that the app asks for', async () => {
  const scopes: Record<string, unknown> = {};
  const app = Fastify();
  app.addHook('onRoute', ({ method, url, config }) => {
    if (method !== 'HEAD') scopes[`${method} ${url}`] = (config as { scope?: string } | undefined)?.scope;
  });
  const registry = createRegistry({ service: 's' }).define({ store: {} });
  await app.register(breakerRoutes, { registry, config: { scope: 'admin' } });
  expect(scopes).toEqual({
    'GET /v1/breakers': 'admin',
    'GET /v1/breakers/orders': 'admin',
    'POST /v1/breakers/:name/isolate': 'admin',
    'POST /v1/breakers/:name/reset': 'admin',
  });
});

describe('an order that cannot be followed', () => {
  test.each([
    ['no such breaker', 'nope/reset', { reason: 'x' }, {}, 404],
    ['a generation that has moved on', 'store/reset', { reason: 'x' }, { 'if-match': '"7"' }, 412],
    ['no generation at all', 'store/reset', { reason: 'x' }, { 'if-match': 'latest' }, 400],
    ['no reason', 'store/reset', {}, {}, 400],
    ['an empty reason', 'store/isolate', { reason: ' ' }, {}, 400],
    ['a field that means nothing here', 'store/reset', { reason: 'x', ttl_s: 5 }, {}, 400],
    ['a time that is none', 'store/isolate', { reason: 'x', ttl_s: -1 }, {}, 400],
    ['a list', 'store/isolate', [], {}, 400],
  ])('%s', async (_, path, payload, headers, expected) => {
    const { order } = await appOf();
    expect((await order(path, payload, headers)).statusCode).toBe(expected);
  });
});
