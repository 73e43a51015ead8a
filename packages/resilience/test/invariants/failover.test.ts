import { openFaultProxy, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { expect, test } from 'vitest';
import { breakIt, openReplicas } from '../support/local-fleet.ts';

const openMs = 1_500;
const options = {
  window: { kind: 'consecutive', failures: 3 },
  openMs,
  maxOpenMs: openMs,
  quorum: { replicas: 1 },
} as const;
const key = 'xnai:brk:{test:dep}';
const times = ['until', 'changed_at'] as const;

/**
 * The record as it is found after a failover to a server whose clock is another: the times in it were written by the
 * old clock, and are that much off by the new one.
 */
const failOver = async (from: TestRedis, to: TestRedis, aheadMs: number): Promise<void> => {
  const record = await from.client.hgetall(key);
  for (const field of times) record[field] = String(Number(record[field]) - aheadMs);
  await to.client.hset(key, record);
};

test.each([
  ['an hour ahead', 3_600_000],
  ['an hour behind', -3_600_000],
])(
  'invariant 14: after a failover to a server %s, nothing is open for more than twice its time',
  async (_, aheadMs) => {
    await using first = await startRedis();
    await using second = await startRedis();
    let current = first;
    await using proxy = await openFaultProxy(() => ({ path: current.path }));
    const url = `redis://127.0.0.1:${proxy.port}`;
    await using fleet = await openReplicas(3, { url }, options);
    await breakIt(fleet[0] as never);
    const openedMs = performance.now();
    await waitUntil('all are open', () => fleet.every((one) => one.get('dep').state === 'open'));
    await failOver(first, second, aheadMs);
    current = second;
    proxy.reset();
    await waitUntil('the other is reached', () =>
      fleet.every((one) => one.checks()['redis']?.status === 'ok'),
    );
    for (const one of fleet) expect(one.get('dep').retryAfterMs).toBeLessThanOrEqual(openMs);
    let letInMs = 0;
    await waitUntil('a probe is let in', async () => {
      for (const one of fleet) {
        await one
          .get('dep')
          .execute(() => {
            letInMs = performance.now();
          })
          .catch(() => {});
      }
      return letInMs > 0;
    });
    // The rest is what asking in turns and a busy machine take.
    expect(letInMs - openedMs).toBeLessThanOrEqual(2 * openMs + 1_500);
    await waitUntil('all are closed', () => fleet.every((one) => one.get('dep').state === 'closed'));
  },
  30_000,
);
