import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import { breakerRoutes, replyWithProblem } from './fastify.ts';
import { createRegistry } from './index.ts';

const appOf = async () => {
  const registry = createRegistry({ service: 's' }).define({
    store: { window: { kind: 'consecutive', failures: 1 }, openMs: 60_000 },
    other: {},
  });
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
