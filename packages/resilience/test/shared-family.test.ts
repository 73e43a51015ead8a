import { startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { MemberFamily } from '../src/breaker/family.ts';
import { createRedisStore, createRegistry, type Family, type RegistryOptions } from '../src/index.ts';
import { failing } from './support/local-fleet.ts';

let server: TestRedis;
beforeEach(async () => {
  server = await startRedis();
});
afterEach(() => server[Symbol.asyncDispose]());

const rules = { window: { kind: 'consecutive', failures: 2 }, openMs: 60_000, maxOpenMs: 60_000 } as const;

const openHosts = async (
  { max = 100, ...options }: { readonly max?: number; readonly openMs?: number } = {},
  more: Partial<RegistryOptions> = {},
) => {
  const store = createRedisStore({ url: server.url, commandTimeoutMs: 2_000 });
  const registry = createRegistry({ service: 'test', store, timing: { startWaitMs: 5_000 }, ...more });
  const hosts = registry.family('host', { ...rules, ...options, scope: 'shared', max, idleMs: 600_000 });
  await registry.start();
  onTestFinished(() => registry.close());
  const listed = () => registry.openMembers().map(({ name, state }) => `${name} ${state}`);
  return { registry, hosts, listed };
};

const breakOne = async (hosts: Family, key: string): Promise<void> => {
  for (let i = 0; i < 2; i++)
    await hosts
      .get(key)
      .execute(failing)
      .catch(() => {});
};

const keysOf = async (pattern: string) => (await server.client.keys(`xnai:brk:{test:${pattern}`)).sort();

test('what one replica opens, another rejects at once, lists, and sees closed after one probe', async () => {
  const [one, other] = [await openHosts({ openMs: 500 }), await openHosts({ openMs: 500 })];
  await breakOne(one.hosts, 'a.example:80');
  await waitUntil('the other sees it', () => other.hosts.get('a.example:80').state === 'open');
  let calls = 0;
  await expect(other.hosts.get('a.example:80').execute(() => calls++)).rejects.toMatchObject({
    code: 'BREAKER_OPEN',
    scope: 'shared',
  });
  expect(calls).toBe(0);
  expect(await other.hosts.get('b.example').execute(() => 'fine')).toBe('fine');
  for (const { listed } of [one, other]) expect(listed()).toEqual(['host:a.example:80 open']);

  await waitUntil('its time is over', () => other.hosts.get('a.example:80').retryAfterMs === 0);
  const answer = Promise.withResolvers<string>();
  const call = () => {
    calls++;
    return answer.promise;
  };
  const ends = [one, other, one, other].map(({ hosts }) => hosts.get('a.example:80').execute(call));
  const rejected = ends.map((end) => end.then(undefined, () => 'rejected'));
  await waitUntil('one is let in', () => calls === 1);
  await expect(Promise.race(rejected)).resolves.toBe('rejected');
  answer.resolve('fine');
  expect((await Promise.all(rejected)).sort()).toEqual(['fine', 'rejected', 'rejected', 'rejected']);
  expect(calls).toBe(1);
  await waitUntil('both see it closed', () => [one, other].every(({ listed }) => listed().length === 0));
  expect(await server.client.exists('xnai:brk:{test:host@open}')).toBe(0);
});

test('a replica that starts later finds what is open by its first poll', async () => {
  const one = await openHosts();
  await breakOne(one.hosts, 'a.example');
  await waitUntil('it is told', async () => (await keysOf('host:*')).length === 1);
  const later = await openHosts();
  await waitUntil('it is listed', () => later.listed().length === 1);
  expect(later.hosts.get('a.example').state).toBe('open');
  expect(later.hosts.get('b.example').state).toBe('closed');
});

test('a closed member costs no key, and an open one no more than its record', async () => {
  const { hosts } = await openHosts();
  for (let i = 0; i < 50; i++) await hosts.get(`fine${i}`).execute(() => 'fine');
  await hosts
    .get('fine0')
    .execute(failing)
    .catch(() => {});
  await breakOne(hosts, 'broken');
  await waitUntil('it is told', async () => (await keysOf('host:*')).length > 0);
  expect(await keysOf('*')).toEqual(['xnai:brk:{test:host:broken}', 'xnai:brk:{test:host@open}']);
  for (const key of await keysOf('*')) expect(await server.client.pttl(key), key).toBeGreaterThan(60_000);
});

test('the store holds no more members than the family may have, nor does a replica', async () => {
  const [one, other] = [await openHosts({ max: 5 }), await openHosts({ max: 5 })];
  for (let i = 0; i < 20; i++) await breakOne(one.hosts, `one${i}`);
  await waitUntil('they are told', async () => (await keysOf('host:*')).length === 5);
  for (let i = 0; i < 20; i++) await breakOne(other.hosts, `other${i}`);
  await waitUntil('they are adopted', () => other.listed().length === 5);
  expect(await keysOf('host:*')).toHaveLength(5);
  const keys = ['one', 'other'].flatMap((word) => Array.from({ length: 20 }, (_, i) => `${word}${i}`));
  for (const { hosts } of [one, other]) {
    expect(keys.filter((key) => (hosts as MemberFamily).peek(key) !== undefined)).toHaveLength(5);
  }
});

test('a member that the fleet has no room for stays open here', async () => {
  const [full, other] = [await openHosts({ max: 1 }), await openHosts({ max: 1 })];
  await breakOne(full.hosts, 'a');
  await breakOne(other.hosts, 'b');
  await waitUntil('one is told', async () => (await keysOf('host:*')).length === 1);
  expect([full.hosts.get('a').state, other.hosts.get('b').state]).toEqual(['open', 'open']);
});

test('without Redis each replica decides by itself, and tells what it opened when Redis is back', async () => {
  const [one, other] = [await openHosts(), await openHosts()];
  await breakOne(one.hosts, 'before');
  await waitUntil('it is told', () => other.hosts.get('before').state === 'open');
  await server.kill();
  await waitUntil('both know', () =>
    [one, other].every(({ registry }) => registry.checks()['redis']?.status === 'down'),
  );
  await breakOne(one.hosts, 'during');
  expect(one.hosts.get('during').state).toBe('open');
  expect(other.hosts.get('during').state).toBe('closed');
  for (const { hosts } of [one, other]) expect(hosts.get('before').state).toBe('open');
  await server.start();
  await waitUntil('the other hears of it', () => other.hosts.get('during').state === 'open');
  await waitUntil('the store has both again', async () => (await keysOf('host:*')).length === 2);
});

test('an order for a member reaches the fleet', async () => {
  const [one, other] = [await openHosts(), await openHosts()];
  const order = { reason: 'by hand', by: 'ann' };
  expect(await one.hosts.get('a').isolate(order)).toMatchObject({ reached: 'fleet' });
  await waitUntil('the other follows', () => other.hosts.get('a').state === 'isolated');
  expect(await other.hosts.get('a').reset(order)).toMatchObject({ reached: 'fleet' });
  await waitUntil('it is closed', () => one.hosts.get('a').state === 'closed');
  expect(one.listed()).toEqual([]);
});

test('a replica that only shares families is not counted among those whose number decides', async () => {
  const one = await openHosts();
  await breakOne(one.hosts, 'a');
  await waitUntil('it is told', async () => (await keysOf('host:*')).length === 1);
  expect(await keysOf('@fleet*')).toEqual([]);
  const two = await openHosts();
  two.registry.define({ dep: {} });
  await waitUntil('it is there', async () => (await keysOf('@fleet*')).length === 1);
  expect(one.registry.checks()['redis']?.status).toBe('ok');
});
