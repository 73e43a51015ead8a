import { openFaultProxy, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRedisStore, createRegistry, type Registry } from '../../src/index.ts';
import { breakIt, openReplicas, quick } from '../support/local-fleet.ts';
import { forkReplicas } from '../support/replicas.ts';

let server: TestRedis;
beforeEach(async () => {
  server = await startRedis();
});
afterEach(() => server[Symbol.asyncDispose]());

test('invariant 4: what one process opens, seven others see by message', async () => {
  // No poll comes before this test has failed.
  await using fleet = await forkReplicas(8, { url: server.url, options: quick, pollMs: 3_600_000 });
  const [first, ...others] = fleet.all;
  const seen = others.map((one) => one.ask({ do: 'watch', for: 'open' }));
  await first?.ask({ do: 'storm', callers: 5, holdMs: 0, fail: true });
  const told = await Promise.all(seen);
  expect(told.map(({ state, scope }) => [state, scope])).toEqual(others.map(() => ['open', 'shared']));
}, 30_000);

test('invariant 13: wall clocks that are an hour apart, and jump, change nothing of the open time', async () => {
  const hourMs = 3_600_000;
  const skewMs = (i: number) => [0, hourMs, -hourMs][i] ?? 0;
  await using fleet = await forkReplicas(3, {
    url: server.url,
    options: { ...quick, openMs: 30_000 },
    skewMs,
  });
  await fleet.all[1]?.ask({ do: 'storm', callers: 5, holdMs: 0, fail: true });
  await waitUntil('all are open', async () => {
    const told = await Promise.all(fleet.all.map((one) => one.ask({ do: 'state' })));
    return told.every(({ state }) => state === 'open');
  });
  await Promise.all(fleet.all.map((one, i) => one.ask({ do: 'skew', skewMs: -skewMs(i + 1) })));
  const waits = await Promise.all(
    fleet.all.map(async (one) => (await one.ask({ do: 'state' })).retryAfterMs ?? 0),
  );
  // An hour more or less would show: as no wait at all, or as one above the open time.
  expect(waits.filter((wait) => wait > 0 && wait <= 30_000)).toHaveLength(3);
}, 30_000);

test('invariant 20: fifty replicas that lost Redis do not come back as one', async () => {
  await using proxy = await openFaultProxy(() => ({ path: server.path }));
  const url = `redis://127.0.0.1:${proxy.port}`;
  await using fleet = await openReplicas(50, { url }, quick);
  expect(fleet).toHaveLength(50);
  const before = proxy.accepted.length;
  proxy.reset();
  await waitUntil('all have come back', () => proxy.accepted.length >= before + 100, { timeoutMs: 20_000 });
  const again = proxy.accepted.slice(before, before + 100);
  const spreadMs = Math.max(...again) - Math.min(...again);
  expect(spreadMs).toBeGreaterThanOrEqual(500);
  const perTenth = Map.groupBy(again, (atMs) => Math.floor((atMs - Math.min(...again)) / 100));
  expect(Math.max(...[...perTenth.values()].map((all) => all.length))).toBeLessThan(50);
}, 40_000);

test('invariant 22: a circuit opens, probes and closes while Redis is full', async () => {
  const options = { ...quick, openMs: 100, maxOpenMs: 100 };
  await using fleet = await openReplicas(2, { url: server.url }, options);
  await server.client.config('SET', 'maxmemory', '1');
  await expect(server.client.eval("return redis.call('SET', 'k', 'v')", 1, 'k')).rejects.toThrow(/OOM/);
  await breakIt(fleet[0] as never);
  await waitUntil('the fleet is open', () => fleet.every((one) => one.get('dep').state === 'open'));
  expect(fleet[1]?.get('dep').scope).toBe('shared');
  await waitUntil('a probe closes it', async () => {
    await fleet[1]
      ?.get('dep')
      .execute(() => 'well again')
      .catch(() => {});
    return fleet.every((one) => one.get('dep').state === 'closed');
  });
  expect(await server.client.hget('xnai:brk:{test:dep}', 'state')).toBe('closed');
}, 30_000);

test('invariant 23: fields of another version are left alone, and what is missing is made up for', async () => {
  const key = 'xnai:brk:{test:dep}';
  // As a later version would write it, and with fields gone that this one writes.
  await server.client.hset(key, {
    schema: '9',
    state: 'open',
    generation: '12',
    until: '9999999999999',
    mood: 'calm',
  });
  await using fleet = await openReplicas(2, { url: server.url }, { ...quick, openMs: 200, maxOpenMs: 200 });
  await waitUntil('the record is followed', () => fleet.every((one) => one.get('dep').generation >= 12));
  // A later version's message, and one that is no message at all.
  await server.client.publish(
    'xnai:brk:ev',
    JSON.stringify({ v: 9, name: 'test:dep', generation: 12, state: 'open', aura: 1 }),
  );
  await server.client.publish('xnai:brk:ev', 'not json');
  await waitUntil('a probe closes it', async () => {
    await fleet[0]
      ?.get('dep')
      .execute(() => 'fine')
      .catch(() => {});
    return fleet.every((one) => one.get('dep').state === 'closed');
  });
  const fields = await server.client.hgetall(key);
  expect(fields).toMatchObject({ mood: 'calm', state: 'closed' });
  expect(Number(fields['generation'])).toBeGreaterThan(12);
}, 30_000);

test('another thing under a breaker key is nothing to the breaker', async () => {
  await server.client.set('xnai:brk:{test:dep}', 'a string');
  await using fleet = await openReplicas(2, { url: server.url }, quick);
  expect(fleet[0]?.checks()['redis']?.status).toBe('ok');
  await breakIt(fleet[0] as never);
  await waitUntil('the fleet is open', () => fleet.every((one) => one.get('dep').state === 'open'));
}, 30_000);

test('other things under the keys beside the breakers are nothing to them either', async () => {
  await server.client.set('xnai:brk:{test:@fleet}', 'a string');
  await server.client.sadd('xnai:brk:audit', 'a set');
  await using fleet = await openReplicas(2, { url: server.url }, quick);
  const [a] = fleet;
  expect(a?.checks()['redis']?.status).toBe('ok');
  expect((await a?.get('dep').isolate({ reason: 'works' }))?.reached).toBe('fleet');
  expect((await a?.audit())?.map(({ reason }) => reason)).toEqual(['works']);
  await server.client.hset('xnai:brk:{test:@fleet}', { b: 'no time', c: '99999999999999|x', d: '|', e: '' });
  await waitUntil('the two are counted', () => a?.checks()['redis']?.detail.startsWith('2 replicas'));
}, 30_000);

test('a record written by hand is believed within bounds only', async () => {
  const options = { ...quick, openMs: 100, maxOpenMs: 200, probes: { timeoutMs: 100 } };
  await using fleet = await openReplicas(2, { url: server.url }, options, {
    timing: { startWaitMs: 5_000, pollMs: 50 },
  });
  const [a] = fleet;
  for (const hand of [
    { state: 'open', generation: '99999999999999', until: '99999999999999', attempt: '999999' },
    { state: 'open', generation: '12', until: 'never', attempt: '-1', leases: '=;=', 'v:': 'x', 'w:': '|' },
    { state: 'half-open', generation: '15', succeeded: '99', failed: '99', leases: 'x=99999999999999' },
    { state: 'ajar', generation: 'many', forced_until: '0' },
  ]) {
    await server.client.del('xnai:brk:{test:dep}');
    await server.client.hset('xnai:brk:{test:dep}', hand);
    await server.client.publish(
      'xnai:brk:ev',
      JSON.stringify({ name: 'test:dep', generation: 1e13, state: 'open', remainingMs: 1e13, attempt: 1e6 }),
    );
    const before = fleet.map(commandsOf);
    await waitUntil('all have polled it', () =>
      fleet.every((one, i) => commandsOf(one) >= (before[i] ?? 0) + 2),
    );
    await waitUntil('calls are served', async () => {
      const served = await Promise.allSettled(fleet.map((one) => one.get('dep').execute(() => 'served')));
      return served.every(({ status }) => status === 'fulfilled');
    });
    expect(a?.get('dep').generation).toBeLessThan(1e12);
    expect(a?.checks()['redis']?.status).toBe('ok');
  }
}, 30_000);

test('a command to a stopped Redis fails in the time given, not in a minute', async () => {
  const store = createRedisStore({ url: server.url });
  await using registry = createRegistry({ service: 'test', store, timing: { startWaitMs: 5_000 } }).define({
    dep: quick,
  });
  await registry.start();
  await waitUntil('it is shared', () => registry.checks()['redis']?.status === 'ok');
  server.pause();
  // Redis answers nothing until it is resumed, so that this promise cannot have waited for it.
  expect((await registry.get('dep').isolate({ reason: 'stopped' })).reached).toBe('replica');
  server.resume();
  await waitUntil(
    'the order is passed on',
    async () => (await server.client.hget('xnai:brk:{test:dep}', 'forced_reason')) === 'stopped',
  );
}, 30_000);

function commandsOf(registry: Pick<Registry, 'metrics'>): number {
  const name = 'resilience_store_command_duration_seconds';
  const samples = registry.metrics().find((one) => one.name === name)?.samples;
  return samples?.find(({ suffix }) => suffix === '_count')?.value ?? 0;
}
