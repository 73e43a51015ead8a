import { BreakerList, BreakerOrderList, OrderedBreaker } from '@xnai/contracts';
import { createRegistry } from '@xnai/resilience';
import { MemoryBackend } from '@xnai/resilience/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addBreakers, breakerChecks } from './breakers.ts';
import { readiness } from './health.ts';
import { openTestApp } from './testing/test-app.ts';

async function setUp() {
  const store = new MemoryBackend().connect();
  const registry = createRegistry({ service: 'test', store }).define({
    model: { window: { kind: 'consecutive', failures: 2 }, openMs: 60_000 },
  });
  let used: number | undefined = 0.5;
  const memory = registry.resource('memory', {
    sources: [
      {
        name: 'fake',
        read: async () => (used === undefined ? undefined : { used, detail: `${used * 100} %` }),
      },
      { name: 'nowhere', read: async () => undefined },
    ],
  });
  await registry.start();
  const opened = await openTestApp((app) => {
    app.post('/v1/heavy', { config: { scope: 'query' } }, async () => {
      memory.admit('heavy');
      return {};
    });
  });
  addBreakers(opened.app, registry);
  onTestFinished(async () => {
    await opened[Symbol.asyncDispose]();
    await registry.close();
  });
  const call = async (method: 'GET' | 'POST', url: string, payload?: object, headers: object = {}) => {
    const body = payload === undefined ? {} : { payload };
    return opened.app.inject({ method, url, headers: { ...opened.auth, ...headers }, ...body });
  };
  const use = async (share: number | undefined) => {
    used = share;
    await memory.sample();
  };
  return { ...opened, registry, store, call, use };
}

describe('/v1/breakers', () => {
  test('lists, isolates and resets, and says who did it and why', async () => {
    const { call, registry } = await setUp();
    const before = BreakerList.parse((await call('GET', '/v1/breakers')).json()).breakers[0];
    expect(before).toEqual({
      name: 'model',
      state: 'closed',
      generation: 0,
      scope: 'shared',
      retry_after_ms: 0,
      failures: 0,
      calls: 0,
      opened_at: null,
      opened_by: null,
      cause: null,
      view_age_ms: expect.any(Number),
      forced: null,
    });

    const order = { reason: 'new weights', ttl_s: 90 };
    const ifMatch = { 'if-match': `"${before?.generation}"` };
    const isolated = await call('POST', '/v1/breakers/model/isolate', order, ifMatch);
    expect(isolated.statusCode).toBe(200);
    expect(OrderedBreaker.parse(isolated.json())).toMatchObject({
      state: 'isolated',
      reached: 'fleet',
      forced: { by: expect.stringMatching(/\w/), reason: 'new weights' },
    });
    await expect(registry.get('model').execute(async () => 1)).rejects.toMatchObject({
      code: 'BREAKER_ISOLATED',
    });
    expect(
      (await call('POST', '/v1/breakers/model/reset', { reason: 'late' }, ifMatch)).json(),
    ).toMatchObject({
      status: 412,
      code: 'GENERATION_MISMATCH',
    });

    const reset = await call(
      'POST',
      '/v1/breakers/model/reset',
      { reason: 'done' },
      { 'if-match': String(isolated.headers['etag']) },
    );
    expect(reset.json()).toMatchObject({ state: 'closed', forced: null });
    const { orders } = BreakerOrderList.parse((await call('GET', '/v1/breakers/orders')).json());
    expect(new Date(orders[0]?.at ?? '').toISOString()).toBe(orders[0]?.at);
    expect(orders.map(({ action, reason, ttl_s }) => [action, reason, ttl_s])).toEqual([
      ['reset', 'done', null],
      ['isolate', 'new weights', 90],
    ]);
  });

  test('an isolation without an end can be listed', async () => {
    const { call } = await setUp();
    await call('POST', '/v1/breakers/model/isolate', { reason: 'for good' });
    const { breakers } = BreakerList.parse((await call('GET', '/v1/breakers')).json());
    expect(breakers[0]).toMatchObject({ state: 'isolated', forced: { remaining_ms: null } });
  });

  test('lists resources with what was measured and what could not be measured', async () => {
    const { call, use } = await setUp();
    await use(0.85);
    const { resources } = BreakerList.parse((await call('GET', '/v1/breakers')).json());
    expect(resources).toEqual([
      {
        name: 'memory',
        level: 'shed',
        readings: [
          { source: 'fake', level: 'shed', used: 0.85, detail: '85 %' },
          { source: 'nowhere', level: 'unknown', used: null, detail: 'unknown' },
        ],
      },
    ]);
  });

  test('is for operators alone', async () => {
    const { app, authWith } = await setUp();
    const headers = await authWith(['query', 'ingest', 'crawl', 'metrics']);
    for (const [method, url] of [
      ['GET', '/v1/breakers'],
      ['GET', '/v1/breakers/orders'],
      ['POST', '/v1/breakers/model/isolate'],
      ['POST', '/v1/breakers/model/reset'],
    ] as const) {
      expect((await app.inject({ method, url })).statusCode, url).toBe(401);
      expect((await app.inject({ method, url, headers })).statusCode, url).toBe(403);
    }
  });

  test.each([
    ['nope/reset', { reason: 'x' }, {}, 404, 'BREAKER_NOT_FOUND'],
    ['model/reset', {}, {}, 400, 'VALIDATION'],
    ['model/reset', { reason: 'x', ttl_s: 5 }, {}, 400, 'VALIDATION'],
    ['model/isolate', { reason: ' ' }, {}, 400, 'VALIDATION'],
    ['model/isolate', { reason: 'x', ttl_s: 0 }, {}, 400, 'VALIDATION'],
    ['model/isolate', { reason: 'x', ttl_s: 1e9 }, {}, 400, 'VALIDATION'],
    ['model/isolate', [], {}, 400, 'VALIDATION'],
    ['model/isolate', { reason: 'x' }, { 'if-match': 'latest' }, 400, 'VALIDATION'],
    ['model/isolate', { reason: 'x' }, { 'if-match': '"99"' }, 412, 'GENERATION_MISMATCH'],
  ])('answers %s %j %j with %i %s', async (path, body, headers, status, code) => {
    const { call } = await setUp();
    expect((await call('POST', `/v1/breakers/${path}`, body, headers)).json()).toMatchObject({
      status,
      code,
    });
  });

  test('orders while Redis is away hold here and say so, and their list is not to be had', async () => {
    const { call, store } = await setUp();
    store.down = true;
    await expect
      .poll(async () => (await call('GET', '/v1/breakers')).json().breakers[0].scope, { timeout: 10_000 })
      .toBe('local');
    const isolated = await call('POST', '/v1/breakers/model/isolate', { reason: 'works' });
    expect(isolated.json()).toMatchObject({ state: 'isolated', reached: 'replica' });
    const orders = await call('GET', '/v1/breakers/orders');
    expect(orders.json()).toMatchObject({ status: 503, code: 'REDIS_UNAVAILABLE' });
    expect(orders.headers['retry-after']).toBeDefined();
  });
});

test('/metrics has the figures of breakers beside those of the process', async () => {
  const { call } = await setUp();
  const { body } = await call('GET', '/metrics');
  expect(body).toContain('resilience_breaker_state{name="model",scope="shared",state="closed"} 1');
  expect(body).toMatch(/^resilience_breaker_view_age_seconds\{name="model"\} /m);
  expect(body).toContain('resilience_store_up 1');
  expect(body).toMatch(/^process_resident_memory_bytes \d+/m);
  const types = body.split('\n').filter((line) => line.startsWith('# TYPE'));
  expect(new Set(types).size).toBe(types.length);
});

test('what has no room is refused with 503, the time to come again and the figure', async () => {
  const { call, use } = await setUp();
  await use(0.95);
  const refused = await call('POST', '/v1/heavy', {});
  expect(refused.json()).toMatchObject({
    status: 503,
    code: 'OVERLOADED',
    detail: 'memory is nearly used up: fake 95 %',
  });
  expect(refused.headers['retry-after']).toBe('10');
});

describe('/readyz', () => {
  test('says how breakers, their view, Redis and memory are', async () => {
    const { registry, use, store } = await setUp();
    const checks = breakerChecks(registry);
    await use(0.5);
    expect(await readiness(checks)).toMatchObject({
      status: 'ready',
      checks: {
        redis: { status: 'ok', detail: 'no other replica is there' },
        breakers: { detail: { states: { model: 'closed' }, view_age_ms: expect.any(Number) } },
        memory: { status: 'ok' },
      },
    });
    await use(0.85);
    store.down = true;
    await expect
      .poll(() => readiness(checks), { timeout: 10_000 })
      .toMatchObject({ status: 'degraded', degraded: ['redis', 'memory'] });
  });

  test('misses no memory limit where there is none, and no Redis that is not configured', async () => {
    const registry = createRegistry({ service: 'test' }).define({ model: {} });
    registry.resource('memory', { sources: [{ name: 'none', read: async () => undefined }] });
    expect(await readiness(breakerChecks(registry))).toMatchObject({
      status: 'ready',
      checks: { redis: { status: 'absent' }, memory: { status: 'absent' } },
      degraded: [],
    });
  });
});
