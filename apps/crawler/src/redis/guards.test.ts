import { createRegistry } from '@xnai/resilience';
import { startRedis } from '@xnai/testing';
import { expect, it } from 'vitest';
import { createApiGuard } from './api-guard.ts';
import { isRedisAway, patiently } from './guards.ts';

const away = () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
const { signal } = new AbortController();

it('goes on soon after the probe of another has closed the breaker, not when the probe would end at the latest', async () => {
  const breaker = createRegistry({ service: 'test' })
    .define({ redis: { window: { kind: 'consecutive', failures: 1 }, openMs: 1 } })
    .get('redis');
  const patience = { breaker, signal, giveUpMs: Number.POSITIVE_INFINITY };
  await breaker.execute(away).catch(() => {});
  await expect.poll(() => breaker.retryAfterMs).toBe(0);
  const probe = Promise.withResolvers<string>();
  const probing = patiently(() => probe.promise, patience);
  expect(breaker.retryAfterMs).toBeGreaterThan(10_000);

  const startMs = performance.now();
  const waiting = patiently(async () => 'done', patience);
  setTimeout(probe.resolve, 50, 'well');
  expect(await Promise.all([probing, waiting])).toEqual(['well', 'done']);
  // Ten times what it waits for at most: a probe's own limit is eleven seconds.
  expect(performance.now() - startMs).toBeLessThan(10_000);
});

it('takes a transaction that Redis leaves out as it takes the command that Redis refuses', async () => {
  await using redis = await startRedis({ args: ['--maxmemory', '1'] });
  const breaker = createRegistry({ service: 'test' })
    .define({ redis: { window: { kind: 'consecutive', failures: 5 }, openMs: 1 } })
    .get('redis');
  const guard = createApiGuard(breaker);
  const client = redis.connect();
  const writes = [() => client.set('key', 'value'), () => client.multi().set('key', 'value').exec()];
  for (const write of writes) {
    expect(await write().then(() => undefined, isRedisAway)).toBe(true);
    await expect(guard<unknown>(write)).rejects.toMatchObject({ code: 'STORAGE_FULL' });
  }
  const wrong = await client
    .multi()
    .call('set', 'key')
    .exec()
    .catch((error: unknown) => error);
  expect([String(wrong), isRedisAway(wrong)]).toEqual([expect.stringContaining('EXECABORT'), false]);
});
