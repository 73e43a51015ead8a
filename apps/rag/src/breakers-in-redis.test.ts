import { createAbsentModels } from '@xnai/inference/testing';
import type { Family } from '@xnai/resilience';
import { createPasswords, renderAclFile } from '@xnai/secrets';
import { startRedis } from '@xnai/testing';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { openTestRag, redisAt } from './testing/open-test-rag.ts';

/** Ten times what is promised: a busy machine is no failure. */
const JOIN_MS = 20_000;

test('without Redis at its start, rag serves and says so; when Redis comes, it joins without a restart', {
  timeout: 60_000,
}, async () => {
  await using server = await startRedis();
  await server.kill();
  await using rag = await openTestRag({ redis: redisAt(`unix://${server.path}`) });
  expect((await rag.put('a', 'a walrus')).status).toBe(201);
  expect((await rag.call('POST', '/v1/search', { query: 'walrus' })).body.results).toHaveLength(1);
  expect((await rag.call('GET', '/readyz')).body).toMatchObject({ status: 'degraded', degraded: ['redis'] });
  expect((await rag.call('POST', '/v1/breakers/rerank/isolate', { reason: 'alone' })).body.reached).toBe(
    'replica',
  );

  await server.restart();
  await vi.waitFor(async () => expect((await rag.call('GET', '/readyz')).body.degraded).toEqual([]), {
    timeout: JOIN_MS,
    interval: 20,
  });
  const { breakers } = (await rag.call('GET', '/v1/breakers')).body;
  const scopes = breakers.map(({ name, scope }: { name: string; scope: string }) => [name, scope]);
  expect(Object.fromEntries(scopes)).toEqual({
    ...{ generate: 'shared', embed: 'shared', rerank: 'shared', store: 'shared', crawler: 'shared' },
    'answer-cache': 'local',
  });
  // What was ordered meanwhile is passed on.
  await vi.waitFor(async () =>
    expect((await rag.call('GET', '/v1/breakers/orders')).body.orders).toHaveLength(1),
  );
});

test('an order at one replica reaches the other, outlives both, and is written down', {
  timeout: 60_000,
}, async () => {
  await using server = await startRedis();
  const open = () => openTestRag({ redis: redisAt(`unix://${server.path}`) });
  const stateOf = async (rag: Awaited<ReturnType<typeof open>>) => rag.registry.get('generate').state;
  {
    await using one = await open();
    await using two = await open();
    const order = { reason: 'new weights', ttl_s: 600 };
    const answer = await one.call('POST', '/v1/breakers/generate/isolate', order);
    expect(answer.body).toMatchObject({ state: 'isolated', reached: 'fleet' });
    await vi.waitFor(async () => expect(await stateOf(two)).toBe('isolated'), { timeout: JOIN_MS });
    const stale = await two.call(
      'POST',
      '/v1/breakers/generate/reset',
      { reason: 'x' },
      { 'if-match': '"0"' },
    );
    expect(stale).toMatchObject({ status: 412, body: { code: 'GENERATION_MISMATCH' } });
  }
  await using third = await open();
  await vi.waitFor(async () => expect(await stateOf(third)).toBe('isolated'), { timeout: JOIN_MS });
  await third.call('POST', '/v1/breakers/generate/reset', { reason: 'they are there' });
  const written = [
    { breaker: 'rag:generate', action: 'reset', by: 'test test', reason: 'they are there' },
    { breaker: 'rag:generate', action: 'isolate', by: 'test test', reason: 'new weights', ttl_s: 600 },
  ];
  // A look at Redis may be late on a busy machine, and is then refused.
  await vi.waitFor(
    async () => expect((await third.call('GET', '/v1/breakers/orders')).body.orders).toMatchObject(written),
    { timeout: JOIN_MS },
  );
});

test('every feature works for the users that the aclfile gives, and nothing that they try is denied', {
  timeout: 60_000,
}, async () => {
  const passwords = createPasswords('seed');
  const acl = `${renderAclFile({ passwords })}\nuser admin on >admin ~* &* +@all\n`;
  await using server = await startRedis({ acl, args: ['--maxmemory', '64mb'] });
  const login = (user: string) => `unix://${user}:${passwords.of(user)}@localhost${server.path}`;
  const admin = new Redis(server.path, { username: 'admin', password: 'admin' });
  const redis = { url: login('rag-cache'), breakerUrl: login('rag-breaker') };
  {
    await using rag = await openTestRag({ redis });
    const ready = async () =>
      expect((await rag.call('GET', '/readyz')).body.checks).toMatchObject({
        redis: { status: 'ok' },
        'redis-memory': { status: 'ok', detail: expect.stringContaining('64 MiB') },
      });
    await vi.waitFor(ready, { timeout: JOIN_MS });
    await rag.put('a', 'A walrus eats clams.');
    const ask = async () => (await rag.call('POST', '/v1/query', { query: 'What does a walrus eat?' })).body;
    await vi.waitFor(async () => expect((await ask()).cached).toBe(true), { timeout: JOIN_MS });
    await admin.script('FLUSH');
    const breaker = rag.registry.get('rerank');
    for (let n = 0; n < 3; n += 1)
      await breaker.execute(async () => Promise.reject(new Error('down'))).catch(() => {});
    expect(breaker.state).toBe('open');
    await vi.waitFor(async () => expect(await admin.hget('xnai:brk:{rag:rerank}', 'state')).toBe('open'));
    for (const path of ['rerank/reset', 'rerank/isolate', 'rerank/reset']) {
      const answer = await rag.call('POST', `/v1/breakers/${path}`, { reason: 'test' });
      expect(answer.body).toMatchObject({ reached: 'fleet' });
    }
    expect((await rag.call('GET', '/v1/breakers/orders')).body.orders).toHaveLength(3);
  }
  expect(await admin.call('ACL', 'LOG')).toEqual([]);
  expect(
    (await admin.keys('*')).filter((key) => !/^xnai:(brk:(\{rag:|audit$)|cache:answer:\d+$)/.test(key)),
  ).toEqual([]);
  admin.disconnect();
});

test('a model server that one replica has given up is not asked by the other', {
  timeout: 60_000,
}, async () => {
  await using server = await startRedis();
  const families: Family[] = [];
  const open = () =>
    openTestRag({
      redis: redisAt(`unix://${server.path}`),
      openModels: (_registry, { modelServers }) => {
        families.push(modelServers);
        return { ...createAbsentModels(), [Symbol.asyncDispose]: () => Promise.resolve() };
      },
    });
  await using _one = await open();
  await using _two = await open();
  const [here, there] = families.map((family) => () => family.get('generate@gpu1:8000/v1'));
  for (let call = 0; call < 3; call++) {
    const permit = await here?.().acquire();
    permit?.failure(new Error('no answer'));
  }
  expect(here?.().state).toBe('open');
  await vi.waitFor(() => expect(there?.().state).not.toBe('closed'), { timeout: JOIN_MS });
});
