import { type FaultProxy, openFaultProxy, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BreakerOpenError, createRedisStore, createRegistry } from '../../src/index.ts';
import { faults } from '../support/faults.ts';

let server: TestRedis;
let proxy: FaultProxy;
beforeAll(async () => {
  server = await startRedis({ args: ['--user', 'breaker', 'on', '>secret', '~*', '&*', '+@all'] });
  proxy = await openFaultProxy(() => ({ path: server.path }));
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
class DependencyError extends Error {}

const calls = 10_000;
const perTurn = 100;

for (const fault of faults) {
  test(`invariant 2: no call fails because Redis is ${fault.name}`, async () => {
    const store = createRedisStore({ url: `redis://breaker:secret@127.0.0.1:${proxy.port}` });
    await using registry = createRegistry({ service: 'test', store, timing: { startWaitMs: 5_000 } }).define({
      steady: { window: { kind: 'sampling', failureRate: 0.9, minimumCalls: 100 } },
      broken: { window: { kind: 'sampling', minimumCalls: 5 }, openMs: 20, maxOpenMs: 20 },
    });
    await registry.start();
    await waitUntil('the store is shared', () => registry.checks()['redis']?.status === 'ok');
    const outcomes = { served: 0, failed: 0, rejected: 0, strange: [] as unknown[] };
    const call = async (i: number) => {
      const name = i % 10 === 0 ? 'broken' : 'steady';
      try {
        await registry.get(name).execute(() => {
          if (name === 'broken' || i % 7 === 0) throw new DependencyError();
        });
        outcomes.served++;
      } catch (error) {
        if (error instanceof DependencyError) outcomes.failed++;
        else if (error instanceof BreakerOpenError) outcomes.rejected++;
        else outcomes.strange.push(error);
      }
    };
    let lost = false;
    const begun = fault.begin(server, proxy);
    for (let i = 0; i < calls; i += perTurn) {
      await Promise.all(Array.from({ length: perTurn }, (_, k) => call(i + k)));
      // The world turns between: timers, sockets, the fault itself.
      await new Promise((resolve) => setTimeout(resolve, 4));
      lost ||= registry.checks()['redis']?.status === 'down';
    }
    await begun;
    // The fault fired, or the scripts may run all the same.
    if (fault.harmless) await waitUntil('it is shared', () => registry.checks()['redis']?.status === 'ok');
    else expect(lost).toBe(true);
    expect(outcomes.strange).toEqual([]);
    expect(outcomes.served + outcomes.failed + outcomes.rejected).toBe(calls);
    // The healthy breaker let everything through, the broken one protected its dependency.
    expect(outcomes.served).toBeGreaterThan(calls * 0.7);
    expect(outcomes.rejected).toBeGreaterThan(100);
    await fault.end(server, proxy);
    await waitUntil(
      `it is shared again after: ${fault.name}`,
      () => registry.checks()['redis']?.status === 'ok',
      { timeoutMs: 20_000 },
    );
  }, 60_000);
}
