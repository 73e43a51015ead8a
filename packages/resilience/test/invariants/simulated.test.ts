import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type BreakerOptions, createRegistry } from '../../src/index.ts';
import { createFakeClock, MemoryBackend } from '../../src/testing/index.ts';
import { breakIt, failing, quick } from '../support/local-fleet.ts';

const fleetOf = async (count: number, options: BreakerOptions) => {
  const clock = createFakeClock();
  const backend = new MemoryBackend({ clock });
  const replicas = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const store = backend.connect();
      const registry = createRegistry({
        service: 's',
        store,
        clock,
        replica: `r${i}`,
        random: () => 1,
      }).define({ dep: options });
      void registry.start();
      await clock.settle();
      return { registry, store, breaker: registry.get('dep') };
    }),
  );
  await clock.advance(1_500);
  return { clock, backend, replicas, first: replicas[0] as (typeof replicas)[number] };
};

test('invariant 4: with every message lost, an open circuit is seen by the next poll', async () => {
  const { clock, replicas, first } = await fleetOf(3, quick);
  for (const { store } of replicas) store.deaf = true;
  await breakIt(first.registry);
  await clock.settle();
  expect(replicas.map(({ breaker }) => breaker.state)).toEqual(['open', 'closed', 'closed']);
  // A poll of 1 s with a jitter of a fifth.
  await clock.advance(1_200);
  expect(replicas.map(({ breaker }) => breaker.state)).toEqual(['open', 'open', 'open']);
});

test('invariant 7: beside a probe that hangs, all other callers are answered at once', async () => {
  const { clock, replicas, first } = await fleetOf(2, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  await breakIt(first.registry);
  await clock.advance(1_001);
  const hung = first.breaker.execute(() => new Promise(() => {}));
  await clock.settle();
  const rejected: unknown[] = [];
  const beforeMs = clock.nowMs();
  for (const { breaker } of replicas) {
    for (let i = 0; i < 100; i++) breaker.execute(() => 'never').catch((error) => rejected.push(error));
  }
  await clock.settle();
  expect(rejected).toHaveLength(200);
  expect(clock.nowMs()).toBe(beforeMs);
  for (const error of rejected) expect(error).toMatchObject({ code: 'BREAKER_OPEN', breaker: 'dep' });
  void hung;
});

test('invariant 8: the late end of a call from before has no effect on what came after', async () => {
  const { clock, first, backend } = await fleetOf(1, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  const late = Promise.withResolvers<never>();
  const slow = first.breaker.execute(() => late.promise).catch(() => 'failed late');
  await breakIt(first.registry);
  await clock.advance(1_001);
  const probe = Promise.withResolvers<string>();
  const probing = first.breaker.execute(() => probe.promise);
  await clock.settle();
  expect(first.breaker.state).toBe('half-open');
  late.reject(new Error('from another time'));
  await clock.settle();
  expect(await slow).toBe('failed late');
  expect(first.breaker.state).toBe('half-open');
  probe.resolve('well');
  expect(await probing).toBe('well');
  await clock.settle();
  expect(first.breaker.state).toBe('closed');
  expect(backend.circuit('s', 'dep')?.state).toBe('closed');
});

test('invariant 8: calls from before a reset that fail after it are not counted', async () => {
  const { clock, first, backend } = await fleetOf(1, { window: { kind: 'sampling', minimumCalls: 3 } });
  const late = Promise.withResolvers<never>();
  const slow = Array.from({ length: 5 }, () => first.breaker.execute(() => late.promise).catch(() => {}));
  const reset = first.breaker.reset({ reason: 'mended' });
  await clock.settle();
  await reset;
  late.reject(new Error('from before'));
  await clock.advance(1_000);
  await Promise.all(slow);
  expect(first.breaker).toMatchObject({ state: 'closed', counts: { calls: 0, failures: 0 } });
  expect(backend.circuit('s', 'dep')).toMatchObject({ state: 'closed', generation: 1, tallies: {} });
});

test('invariant 6: a slot whose grant was lost on the way is handed back, long before its lease is over', async () => {
  const options = { ...quick, openMs: 1_000, maxOpenMs: 1_000, probes: { timeoutMs: 600_000 } };
  const { clock, backend, first } = await fleetOf(1, options);
  await breakIt(first.registry);
  await clock.advance(1_001);
  first.store.dropReplies = true;
  const probing = first.breaker.execute(failing).catch(() => {});
  await clock.settle();
  await probing;
  expect(backend.circuit('s', 'dep')?.leases).toHaveLength(1);
  first.store.dropReplies = false;
  await clock.advance(1_500);
  expect(backend.circuit('s', 'dep')).toMatchObject({ state: 'half-open', leases: [] });
});

test('how a probe ended reaches the fleet later, when the store was away', async () => {
  const { clock, backend, replicas, first } = await fleetOf(2, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  await breakIt(first.registry);
  await clock.advance(1_001);
  const probe = Promise.withResolvers<string>();
  const probing = first.breaker.execute(() => probe.promise);
  await clock.settle();
  first.store.down = true;
  probe.resolve('well');
  expect(await probing).toBe('well');
  await clock.settle();
  expect(backend.circuit('s', 'dep')?.state).toBe('half-open');
  first.store.down = false;
  await clock.advance(1_500);
  expect(backend.circuit('s', 'dep')?.state).toBe('closed');
  expect(replicas.map(({ breaker }) => breaker.state)).toEqual(['closed', 'closed']);
});

test('invariant 14: a store whose clock jumps cannot hold a circuit open for more than twice its time', async () => {
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const { clock, backend, first } = await fleetOf(1, { ...quick, openMs: 10_000, maxOpenMs: 10_000 });
    await breakIt(first.registry);
    await clock.settle();
    backend.skewMs = jumpMs;
    const openedMs = clock.nowMs();
    let let_in = false;
    while (!let_in && clock.nowMs() - openedMs <= 25_000) {
      await clock.advance(100);
      await first.breaker
        .execute(() => {
          let_in = true;
        })
        .catch(() => {});
      await clock.settle();
    }
    expect(let_in).toBe(true);
    expect(clock.nowMs() - openedMs).toBeLessThanOrEqual(20_200);
  }
});

test('invariant 19: an outage takes memory by breaker, not by call', async () => {
  const { clock, first } = await fleetOf(1, { window: { kind: 'sampling', failureRate: 1 } });
  first.store.down = true;
  await clock.advance(2_000);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const call = async (n: number) => {
    for (let i = 0; i < n; i++) await first.breaker.execute(() => i);
  };
  await call(20_000);
  gc();
  const before = process.memoryUsage().heapUsed;
  await call(300_000);
  gc();
  // One megabyte is aimed at for ten times as many; the heap of a test runner moves by itself.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(10_000_000);
  await clock.advance(3_000);
  first.store.down = false;
  await clock.advance(2_000);
  expect(
    first.registry.metrics().find(({ name }) => name === 'resilience_flush_dropped_total')?.samples[0]?.value,
  ).toBeGreaterThan(0);
});

test('invariant 21: with the store down, a broken dependency gets its threshold, then one probe per open time', async () => {
  const { clock, replicas } = await fleetOf(2, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  for (const { store } of replicas) store.down = true;
  await clock.advance(2_000);
  for (const { breaker } of replicas) {
    let reached = 0;
    const call = () =>
      breaker
        .execute(() => {
          reached++;
          throw new Error('down');
        })
        .catch(() => {});
    for (let i = 0; i < 50; i++) await call();
    expect(reached).toBe(3);
    for (let round = 1; round <= 5; round++) {
      await clock.advance(1_000);
      for (let i = 0; i < 50; i++) await call();
      expect(reached).toBe(3 + round);
    }
  }
});

test('invariant 21: so it does when all callers come at once', async () => {
  const { clock, first } = await fleetOf(1, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  first.store.down = true;
  await clock.advance(2_000);
  let reached = 0;
  const callers = 40;
  const storm = async () => {
    const calls = Array.from({ length: callers }, () =>
      first.breaker
        .execute(async () => {
          reached++;
          await Promise.resolve();
          throw new Error('down');
        })
        .catch(() => {}),
    );
    await clock.settle();
    await Promise.all(calls);
  };
  for (let i = 0; i < 5; i++) await storm();
  expect(reached).toBeLessThanOrEqual(3 + callers);
  const opened = reached;
  for (let round = 1; round <= 5; round++) {
    await clock.advance(1_000);
    await storm();
    expect(reached).toBe(opened + round);
  }
});

test('invariant 9: a replica that has never reached the store claims no generation', async () => {
  const { clock, backend, first } = await fleetOf(1, quick);
  const store = backend.connect();
  store.down = true;
  const registry = createRegistry({ service: 's', store, clock, random: () => 1 }).define({ dep: quick });
  void registry.start();
  for (let i = 0; i < 3; i++) {
    await breakIt(registry);
    const reset = registry.get('dep').reset({ reason: 'by hand' });
    await clock.settle();
    await reset;
  }
  expect(registry.get('dep').generation).toBe(0);
  await breakIt(first.registry);
  store.down = false;
  await clock.advance(1_000);
  expect(registry.get('dep').generation).toBe(first.breaker.generation);
});

test('invariant 15: a replica that comes back under its name is counted from its first batch', async () => {
  const { clock, backend, first } = await fleetOf(1, {});
  for (let i = 0; i < 5; i++) {
    await first.breaker.execute(() => i);
    await clock.advance(100);
  }
  const registry = createRegistry({ service: 's', store: backend.connect(), clock, replica: 'r0' }).define({
    dep: {},
  });
  void registry.start();
  await clock.advance(1_500);
  await registry.get('dep').execute(() => 'again');
  await clock.advance(100);
  const slots = Object.values(backend.circuit('s', 'dep')?.tallies ?? {}).flatMap((tally) => tally.slots);
  expect(slots.reduce((sum, { calls }) => sum + calls, 0)).toBe(6);
});

test('invariant 3: in half-open, a store that does not answer costs a caller its time limit and no more', async () => {
  const { clock, first } = await fleetOf(1, { ...quick, openMs: 1_000, maxOpenMs: 1_000 });
  await breakIt(first.registry);
  await clock.advance(1_001);
  // Answers take as long as the store's own limit, then fail: what a hung Redis looks like from here.
  const limitMs = 50;
  first.store.send = () =>
    new Promise((_, reject) => clock.after(limitMs, () => reject(new Error('Command timed out'))));
  const startMs = clock.nowMs();
  const served = first.breaker.execute(() => clock.nowMs() - startMs);
  await clock.advance(limitMs);
  expect(await served).toBe(limitMs);
});

test('invariant 3: a closed circuit asks the store nothing while a caller waits', async () => {
  const { clock, first } = await fleetOf(1, {});
  const before = first.store.sent;
  for (let i = 0; i < 1_000; i++) await first.breaker.execute(() => i);
  expect(first.store.sent).toBe(before);
  await clock.advance(60);
  // One batch for all of them.
  expect(first.store.sent).toBe(before + 1);
});

test('an isolation ends by itself when its time is over, on every replica', async () => {
  const { clock, replicas, first } = await fleetOf(2, {});
  const ordered = first.breaker.isolate({ reason: 'works', ttlMs: 5_000 });
  await clock.settle();
  await ordered;
  expect(replicas.map(({ breaker }) => breaker.state)).toEqual(['isolated', 'isolated']);
  await clock.advance(5_000);
  expect(replicas.map(({ breaker }) => breaker.state)).toEqual(['closed', 'closed']);
});

test('closing sends what is counted', async () => {
  const { clock, backend, first } = await fleetOf(1, {});
  await first.breaker.execute(failing).catch(() => {});
  const closed = first.registry.close();
  await clock.settle();
  await closed;
  expect(Object.values(backend.circuit('s', 'dep')?.tallies ?? {})[0]?.slots[0]).toMatchObject({
    calls: 1,
    failures: 1,
  });
});
