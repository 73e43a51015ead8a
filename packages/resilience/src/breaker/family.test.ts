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

test('the one unused longest goes first, an open one only when all are open', async () => {
  const { hosts, breakOne, keys } = familyOf(3);
  await breakOne('broken');
  for (const key of ['b', 'c', 'd', 'e']) hosts.get(key);
  expect(keys()).toEqual(['broken', 'd', 'e']);
  for (const key of ['d', 'e', 'f']) await breakOne(key);
  expect(hosts.size).toBe(3);
  expect(keys()).not.toContain('broken');
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
