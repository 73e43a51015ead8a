import { expect, test } from 'vitest';
import { createBulkhead, createLimiter } from './bulkhead.ts';

test('a limiter runs its limit at a time and hands slots over in the order of asking', async () => {
  const limiter = createLimiter(2);
  const order: number[] = [];
  let most = 0;
  const work = (n: number) =>
    limiter.execute(async () => {
      most = Math.max(most, limiter.running);
      order.push(n);
      await Promise.resolve();
    });
  await Promise.all([0, 1, 2, 3, 4, 5].map(work));
  expect([order, most, limiter.running, limiter.waiting]).toEqual([[0, 1, 2, 3, 4, 5], 2, 0, 0]);
});

test('a slot is held until it is disposed of, and given back once', async () => {
  const limiter = createLimiter(1);
  const first = await limiter.acquire();
  const second = limiter.acquire();
  const third = limiter.acquire();
  expect([limiter.running, limiter.waiting]).toEqual([1, 2]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  await second;
  expect([limiter.running, limiter.waiting]).toEqual([1, 1]);
  (await second)[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  expect([limiter.running, limiter.waiting]).toEqual([0, 0]);
});

test('a wait that is aborted leaves the queue, and the next in line keeps its turn', async () => {
  const limiter = createLimiter(1);
  const slot = await limiter.acquire();
  const caller = new AbortController();
  const aborted = expect(limiter.acquire(caller.signal)).rejects.toThrow('gone');
  const next = limiter.acquire(new AbortController().signal);
  caller.abort(new Error('gone'));
  await aborted;
  expect(limiter.waiting).toBe(1);
  slot[Symbol.dispose]();
  await next;
});

test('a call that fails gives its slot back', async () => {
  const bulkhead = createBulkhead({ limit: 1 });
  await expect(bulkhead.execute(() => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await bulkhead.execute(() => 'up')).toBe('up');
});
