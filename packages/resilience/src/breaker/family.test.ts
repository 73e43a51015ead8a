import { expect, test } from 'vitest';
import { createRegistry } from '../index.ts';
import { createFakeClock, MemoryBackend } from '../testing/index.ts';
import type { MemberFamily } from './family.ts';

const familyOf = (max: number) => {
  const clock = createFakeClock();
  const registry = createRegistry({ service: 's', clock });
  const options = { max, idleMs: 1_000, window: { kind: 'consecutive', failures: 1 } } as const;
  const hosts = registry.family('host', options) as MemberFamily;
  const breakOne = (key: string) =>
    hosts
      .get(key)
      .execute(() => Promise.reject(new Error('down')))
      .catch(() => {});
  const kept = (...keys: readonly string[]) => keys.filter((key) => hosts.peek(key) !== undefined);
  return { clock, registry, hosts, breakOne, kept };
};

test('one key opening leaves the others alone', async () => {
  const { hosts, breakOne } = familyOf(10);
  await breakOne('a.example');
  expect(hosts.get('a.example').state).toBe('open');
  expect(await hosts.get('b.example').execute(() => 'fine')).toBe('fine');
});

test('the closed one that was unused for longest makes room, and an open one never does', async () => {
  const { hosts, breakOne, kept } = familyOf(3);
  const all = ['broken', 'b', 'c', 'd', 'e', 'f'];
  await breakOne('broken');
  for (const key of ['b', 'c', 'd', 'e']) hosts.get(key);
  expect(kept(...all)).toEqual(['broken', 'd', 'e']);
  for (const key of ['d', 'e', 'f']) await breakOne(key);
  expect(kept(...all)).toEqual(['broken', 'd', 'e']);
  expect(await hosts.get('f').execute(() => 'fine')).toBe('fine');
});

test('a closed one is found behind any number of open ones', async () => {
  const { hosts, breakOne, kept } = familyOf(50);
  const [broken, fine] = ['broken', 'fine'].map((word) =>
    Array.from({ length: 50 }, (_, i) => `${word}${i}`),
  );
  for (const key of broken?.slice(1) ?? []) await breakOne(key);
  for (const key of fine ?? []) hosts.get(key);
  expect(kept(...(broken ?? []))).toHaveLength(49);
  const [newest] = kept(...(fine ?? []));
  expect(fine?.indexOf(newest ?? '')).toBeGreaterThan(40);
});

test('an open one is forgotten when its time is over and it was unused for long', async () => {
  const { clock, registry, breakOne, kept } = familyOf(10);
  await breakOne('broken');
  expect(registry.openMembers().map(({ name, state }) => [name, state])).toEqual([['host:broken', 'open']]);
  await clock.advance(29_000);
  expect(registry.openMembers()).toHaveLength(1);
  await clock.advance(2_000);
  expect(registry.openMembers()).toEqual([]);
  expect(kept('broken')).toEqual([]);
});

test('what is not used is forgotten', async () => {
  const { clock, hosts, kept } = familyOf(100);
  for (const key of ['a', 'b', 'c']) hosts.get(key);
  await clock.advance(1_001);
  hosts.get('d');
  expect(kept('a', 'b', 'c', 'd')).toEqual(['d']);
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

test('what a replica opens last is shared though it closes at once, and what it did not open is not', async () => {
  const clock = createFakeClock();
  const backend = new MemoryBackend({ clock });
  const open = async () => {
    const store = backend.connect();
    const read = store.read.bind(store);
    store.read = async (breakers) => {
      await new Promise<void>((resolve) => clock.after(20, resolve));
      return read(breakers);
    };
    const registry = createRegistry({ service: 's', store, clock });
    const hosts = registry.family('host', {
      scope: 'shared',
      max: 10,
      idleMs: 1_000,
      window: { kind: 'consecutive', failures: 1 },
    });
    void registry.start();
    await clock.advance(1_000);
    return { registry, hosts };
  };
  const [one, other] = [await open(), await open()];
  const failed = one.hosts.get('broken').execute(() => Promise.reject(new Error('down')));
  await expect(failed).rejects.toThrow('down');
  const closed = one.registry.close();
  await clock.advance(100);
  await closed;
  expect(other.hosts.get('broken').state).toBe('open');
  expect(other.hosts.get('fine').state).toBe('closed');
});
