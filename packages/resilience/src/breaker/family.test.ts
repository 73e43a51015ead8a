import { expect, test } from 'vitest';
import { createRegistry } from '../index.ts';
import { createFakeClock } from '../testing/index.ts';

const familyOf = (max: number) => {
  const clock = createFakeClock();
  const registry = createRegistry({ service: 's', clock });
  const hosts = registry.family('host', { max, idleMs: 1_000, window: { kind: 'consecutive', failures: 1 } });
  const breakOne = (key: string) =>
    hosts
      .get(key)
      .execute(() => Promise.reject(new Error('down')))
      .catch(() => {});
  const keys = () => [...hosts.entries()].map(([key]) => key);
  return { clock, registry, hosts, breakOne, keys };
};

test('one key opening leaves the others alone', async () => {
  const { hosts, breakOne } = familyOf(10);
  await breakOne('a.example');
  expect(hosts.get('a.example').state).toBe('open');
  expect(await hosts.get('b.example').execute(() => 'fine')).toBe('fine');
});

test('the closed one that was unused for longest makes room, and an open one never does', async () => {
  const { hosts, breakOne, keys } = familyOf(3);
  await breakOne('broken');
  for (const key of ['b', 'c', 'd', 'e']) hosts.get(key);
  expect(keys().sort()).toEqual(['broken', 'd', 'e']);
  for (const key of ['d', 'e', 'f']) await breakOne(key);
  expect(keys().sort()).toEqual(['broken', 'd', 'e']);
  expect(await hosts.get('f').execute(() => 'fine')).toBe('fine');
});

test('a closed one is found behind any number of open ones', async () => {
  const { hosts, breakOne, keys } = familyOf(50);
  for (let i = 0; i < 49; i++) await breakOne(`broken${i}`);
  for (let i = 0; i < 50; i++) hosts.get(`fine${i}`);
  expect(hosts.size).toBe(50);
  const newest = Math.max(...keys().map((key) => Number(/^fine(\d+)$/.exec(key)?.[1] ?? 0)));
  expect(newest).toBeGreaterThan(40);
});

test('an open one is forgotten when its time is over and it was unused for long', async () => {
  const { clock, registry, breakOne, keys } = familyOf(10);
  await breakOne('broken');
  expect(registry.openMembers().map(({ name, state }) => [name, state])).toEqual([['host:broken', 'open']]);
  await clock.advance(29_000);
  expect(registry.openMembers()).toHaveLength(1);
  await clock.advance(2_000);
  expect(registry.openMembers()).toEqual([]);
  expect(keys()).toEqual([]);
});

test('what is not used is forgotten', async () => {
  const { clock, hosts, keys } = familyOf(100);
  for (const key of ['a', 'b', 'c']) hosts.get(key);
  await clock.advance(1_001);
  hosts.get('d');
  expect(keys()).toEqual(['d']);
});

test('metrics count a family as one, whatever its keys', async () => {
  const { registry, breakOne } = familyOf(100);
  for (let i = 0; i < 20; i++) await breakOne(`h${i}`);
  const calls = registry.metrics().find(({ name }) => name === 'resilience_breaker_calls_total');
  expect(calls?.samples.find(({ labels }) => labels['outcome'] === 'failure')).toEqual({
    labels: { name: 'host', outcome: 'failure' },
    value: 20,
  });
  expect(new Set(calls?.samples.map(({ labels }) => labels['name']))).toEqual(new Set(['host']));
});
