import { expect, test } from 'vitest';
import { type BreakerStore, createRegistry } from './index.ts';
import { createFakeClock, MemoryBackend } from './testing/index.ts';

const thrower = (): never => {
  throw new Error('a listener of no use');
};
const once = { window: { kind: 'consecutive', failures: 1 }, quorum: { replicas: 1 } } as const;
const down = () => Promise.reject(new Error('down'));

test('neither a listener nor the logger can stop a breaker', async () => {
  const clock = createFakeClock();
  const backend = new MemoryBackend({ clock });
  const store = backend.connect();
  const logger = { info: thrower, warn: thrower };
  const registry = createRegistry({ service: 's', store, clock, logger, onTransition: thrower }).define({
    dep: once,
  });
  void registry.start();
  await clock.advance(1_500);
  const other = createRegistry({ service: 's', store: backend.connect(), clock }).define({ dep: {} });
  void other.start();
  await clock.advance(1_500);
  await expect(registry.get('dep').execute(down)).rejects.toThrow('down');
  await clock.advance(1_500);
  store.down = true;
  await clock.advance(1_500);
  await expect(registry.get('dep').execute(() => 'never')).rejects.toMatchObject({ code: 'BREAKER_OPEN' });
  expect(registry.checks()['redis']?.status).toBe('down');
  store.down = false;
  await clock.advance(1_500);
  expect(registry.checks()['redis']?.status).toBe('ok');
  expect(other.get('dep').state).toBe('open');
});

test('a start never rejects, whatever the store does', async () => {
  const broken = { start() {}, read: thrower, send: thrower, announce: thrower, audit: thrower } as const;
  const store = { ...broken, close: async () => {} } as unknown as BreakerStore;
  const registry = createRegistry({ service: 's', store }).define({ dep: {} });
  await registry.start();
  expect(registry.checks()['redis']).toEqual({
    status: 'down',
    detail: 'breakers are local to this replica: a listener of no use',
  });
  expect(await registry.get('dep').execute(() => 'served')).toBe('served');
  await expect(registry.audit()).rejects.toMatchObject({ code: 'STORE_DOWN' });
  await registry.close();
  await registry.close();
});

test('every change is told in order', async () => {
  const clock = createFakeClock();
  const told: string[] = [];
  const registry = createRegistry({
    service: 's',
    clock,
    onTransition: ({ from, to, cause }) => told.push(`${from} ${to} ${cause}`),
  }).define({ dep: { ...once, openMs: 100 } });
  const breaker = registry.get('dep');
  await breaker.execute(down).catch(() => {});
  await clock.advance(100);
  await breaker.execute(() => 'well again');
  expect(told).toEqual([
    'closed open consecutive-failures',
    'open half-open consecutive-failures',
    'half-open closed undefined',
  ]);
});
