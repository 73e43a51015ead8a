import { CrawlRequest } from '@xnai/contracts';
import { startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { connectForBlocking, connectRedis } from '../redis/connect.ts';
import { openTimers } from './timers.ts';

test('a firing that was missed comes at once, and one that fails is told', { timeout: 30_000 }, async () => {
  await using redis = await startRedis();
  const connection = connectRedis(redis.url, 'test', 5000);
  const fired: string[] = [];
  const failures: unknown[] = [];
  const timers = openTimers({
    redis: connection,
    blocking: connectForBlocking(redis.url, 'test-schedules'),
    async fire({ id }) {
      fired.push(id);
      if (id === 'broken') throw new Error('the file of schedules is damaged');
    },
    onError: () => {},
    onFailed: (error, id) => failures.push([String(error), id]),
  });
  await expect.poll(() => connection.status, { timeout: 10_000 }).toBe('ready');
  const request = CrawlRequest.parse({ url: 'https://x.example/' });
  const at = new Date(Date.now() - 7_200_000).toISOString();
  for (const id of ['sound', 'broken'])
    await timers.set({
      id,
      request,
      schedule: { every: '1h' },
      paused: false,
      createdAt: at,
      lastAt: at,
      lastCrawlId: id,
    });
  await expect.poll(() => fired.toSorted(), { timeout: 20_000 }).toEqual(['broken', 'sound']);
  await expect.poll(() => failures).toEqual([['Error: the file of schedules is damaged', 'broken']]);
  await timers.close();
  connection.disconnect();
});
