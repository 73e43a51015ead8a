import { createRegistry } from '@xnai/resilience';
import { expect, it } from 'vitest';
import { patiently } from './guards.ts';

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
