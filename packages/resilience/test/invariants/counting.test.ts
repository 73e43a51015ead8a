import { openFaultProxy, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type BreakerOptions, createRedisStore, createRegistry } from '../../src/index.ts';
import { breakIt, failing, openReplicas } from '../support/local-fleet.ts';
import { recordOf } from '../support/record-of.ts';
import { forkReplicas } from '../support/replicas.ts';

let server: TestRedis;
beforeEach(async () => {
  server = await startRedis();
});
afterEach(() => server[Symbol.asyncDispose]());

/** Counts for ever, and never opens. */
const counting: BreakerOptions = { window: { kind: 'sampling', windowMs: 3_600_000, failureRate: 1 } };

const counted = async (service: string) => {
  const { tallies } = recordOf(await server.client.hgetall(`xnai:brk:{${service}:dep}`));
  const slots = Object.values(tallies).flatMap((tally) => tally.slots);
  const sum = (field: 'calls' | 'failures') => slots.reduce((n, slot) => n + slot[field], 0);
  return { calls: sum('calls'), failures: sum('failures') };
};

test('invariant 15: a batch whose answer is lost is sent again and counted once', async () => {
  await using proxy = await openFaultProxy(() => ({ path: server.path }));
  const store = createRedisStore({ url: `redis://127.0.0.1:${proxy.port}`, commandTimeoutMs: 500 });
  const timing = { startWaitMs: 5_000, flushMs: 10, pollDownMs: 50 };
  await using registry = createRegistry({ service: 'test', store, timing }).define({ dep: counting });
  await registry.start();
  await registry.get('dep').execute(() => 'first');
  await waitUntil('the first is counted', async () => (await counted('test')).calls === 1);
  proxy.dropReplies = true;
  for (let i = 0; i < 7; i++) await registry.get('dep').execute(() => 'counted, unanswered');
  await waitUntil('the batch has arrived', async () => (await counted('test')).calls === 8);
  await waitUntil('the answer is missed', () => registry.checks()['redis']?.status === 'down');
  // An answer is lost when its connection is.
  proxy.dropReplies = false;
  proxy.reset();
  await waitUntil('it is shared again', () => registry.checks()['redis']?.status === 'ok');
  for (let i = 0; i < 2; i++) await registry.get('dep').execute(() => 'after');
  await waitUntil('the rest is counted', async () => (await counted('test')).calls >= 10);
  expect(await counted('test')).toEqual({ calls: 10, failures: 0 });
}, 30_000);

test('invariant 16: 8 processes of 10,000 outcomes add up exactly', async () => {
  await using fleet = await forkReplicas(8, { url: server.url, options: counting });
  await Promise.all(fleet.all.map((one) => one.ask({ do: 'count', calls: 10_000, failEvery: 4 })));
  await waitUntil('all is told', async () => (await counted('fleet')).calls >= 80_000);
  expect(await counted('fleet')).toEqual({ calls: 80_000, failures: 20_000 });
}, 60_000);

test('invariant 17: one poisoned replica of five opens itself alone', async () => {
  const options: BreakerOptions = { window: { kind: 'sampling', minimumCalls: 5 }, openMs: 60_000 };
  await using fleet = await openReplicas(5, { url: server.url }, options, {
    timing: { startWaitMs: 5_000, pollMs: 100 },
  });
  await waitUntil('all know of each other', () =>
    fleet.every((one) => one.checks()['redis']?.detail.startsWith('5 replicas')),
  );
  const [poisoned, ...healthy] = fleet;
  for (const one of healthy) for (let i = 0; i < 10; i++) await one.get('dep').execute(() => 'fine');
  // A stray failure elsewhere is no second witness.
  await healthy[0]
    ?.get('dep')
    .execute(failing)
    .catch(() => {});
  await breakIt(poisoned as never);
  await waitUntil('the vote and the counts have arrived', async () => {
    const { votes, tallies } = recordOf(await server.client.hgetall('xnai:brk:{test:dep}'));
    return Object.keys(votes).length === 1 && Object.keys(tallies).length === 5;
  });
  expect(poisoned?.get('dep')).toMatchObject({ state: 'open', scope: 'local' });
  for (const one of healthy) expect(await one.get('dep').execute(() => 'fine')).toBe('fine');
  // A second one in the same state is.
  await breakIt(healthy[0] as never);
  await waitUntil('the fleet is open', () => fleet.every((one) => one.get('dep').state === 'open'));
  expect(healthy[3]?.get('dep').scope).toBe('shared');
}, 30_000);

test('a slow dependency opens the fleet though no replica saw enough calls alone', async () => {
  const options: BreakerOptions = {
    window: { kind: 'sampling', minimumCalls: 8, slowAfterMs: 1, slowRate: 0.5 },
    openMs: 60_000,
  };
  await using fleet = await openReplicas(2, { url: server.url }, options);
  for (const one of fleet) {
    for (let i = 0; i < 5; i++)
      await one.get('dep').execute(() => new Promise((resolve) => setTimeout(resolve, 5)));
  }
  await waitUntil('the fleet is open', () => fleet.every((one) => one.get('dep').state === 'open'));
  expect(await server.client.hget('xnai:brk:{test:dep}', 'cause')).toBe('slow-rate');
}, 30_000);
