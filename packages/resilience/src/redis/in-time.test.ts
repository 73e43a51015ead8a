import { startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { createRedisStore } from '../index.ts';
import { rulesOf } from '../options/breaker-options.ts';
import { inTime } from './in-time.ts';

const standStill = (ms: number) => {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
};

test('a store is not lost because this process stood still', async () => {
  await using server = await startRedis();
  const store = createRedisStore({ url: server.url });
  store.start({ onReady: () => {}, onView: () => {} });
  const target = { service: 's', breaker: 'b', rules: rulesOf('b', {}) };
  await expect.poll(() => store.read([target]).catch(() => 'not yet')).toEqual([undefined]);
  for (let n = 0; n < 5; n += 1) {
    const answer = store.read([target]);
    standStill(150);
    expect(await answer).toEqual([undefined]);
  }
  server.pause();
  await expect(store.read([target])).rejects.toThrow('Command timed out');
  server.resume();
  await store.close();
});

test('what does not come is given up, also by a process that stands still again and again', async () => {
  const never = new Promise<never>(() => {});
  const stalls = setInterval(standStill, 1, 30);
  try {
    await expect(inTime(never, 20)).rejects.toThrow('Command timed out');
  } finally {
    clearInterval(stalls);
  }
});

test('a failure is passed on as it is', async () => {
  await expect(inTime(Promise.reject(new Error('NOPERM')), 1_000)).rejects.toThrow('NOPERM');
});
