import { createRedisStore, createRegistry } from '@xnai/resilience';
import type { TestRedis } from '@xnai/testing';
import { atMost, quantile } from '../report.ts';
import type { Part } from './part.ts';

const ROUNDS = 40;

/** The cost of a stopped Redis for the calls that wait for it: an operator's order, and a probe. */
export async function measureOutage(server: TestRedis): Promise<Part> {
  const orderMs: number[] = [];
  const probeMs: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    await using registry = createRegistry({
      service: 'outage',
      store: createRedisStore({ url: server.url }),
      timing: { startWaitMs: 5_000 },
    }).define({
      ordered: {},
      probed: {
        openMs: 1,
        maxOpenMs: 1,
        window: { kind: 'consecutive', failures: 1 },
        quorum: { replicas: 1 },
      },
    });
    await registry.start();
    const probed = registry.get('probed');
    await probed.execute(() => Promise.reject(new Error('down'))).catch(() => {});
    while (probed.scope !== 'shared' || probed.retryAfterMs > 0) await pause(1);
    server.pause();
    // The two go side by side, before either has noticed: each waits for a command of its own.
    const [order, probe] = [
      timed(() => registry.get('ordered').isolate({ reason: 'bench' })),
      timed(() => probed.execute(() => 'let in')),
    ];
    orderMs.push(await order);
    probeMs.push(await probe);
    server.resume();
  }
  return {
    raw: { orderMs, probeMs },
    rows: [
      atMost('an order while Redis is stopped returns, p50', quantile(orderMs, 0.5), 'ms', 60),
      atMost('a probe while Redis is stopped is let in, p50', quantile(probeMs, 0.5), 'ms', 60),
      atMost('the same, p99', quantile(probeMs, 0.99), 'ms', 60),
    ],
  };
}

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
