import { article } from '@xnai/testing';
import { expect, it } from 'vitest';
import { createUlid, timeOfUlid } from './ledger/ulid.ts';
import { startTestStack } from './testing/test-stack.ts';

it('tells rag how long it may take for each document', async () => {
  await using stack = await startTestStack();
  const { crawler, rag, site } = stack;
  site.pages['/'] = article('Home');
  await crawler.finish(await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' }));
  expect(rag.timeoutsMs).toHaveLength(1);
  expect(rag.timeoutsMs[0]).toBeGreaterThan(0);
  expect(rag.timeoutsMs[0]).toBeLessThanOrEqual(30_000);
});

it('ends a crawl at the deadline in its job, with what it has, and says why the rest was left', {
  timeout: 60_000,
}, async () => {
  await using stack = await startTestStack({ variables: { CRAWL_MAX_TIME: '3s', CRAWL_CONCURRENCY: '1' } });
  const { crawler, rag, redis, site } = stack;
  const links = Array.from({ length: 100 }, (_, i) => `/p${i}`);
  site.pages['/'] = article('Home', links);
  for (const link of links) site.pages[link] = article(link);
  const submit = () => crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.2 });

  const id = await submit();
  const data = await redis.client.hget(`{xnai:crawl}:crawls:${id}`, 'data');
  expect(JSON.parse(data ?? '')).toEqual({ deadlineAtMs: expect.closeTo(timeOfUlid(id) + 3000, -2) });
  const crawl = await crawler.finish(id);
  expect(crawl).toMatchObject({ status: 'completed', stopReason: 'budget' });
  expect(crawl.counters.fetched).toBeGreaterThan(1);
  expect(crawl.counters.fetched).toBeLessThan(50);
  expect(crawl.counters.indexed).toBe(crawl.counters.fetched);
  expect(rag.documents.size).toBe(crawl.counters.indexed);
  expect(crawl.skippedBy).toEqual({ budget: 101 - crawl.counters.fetched });
});

it('knows from an id when it was made', () => {
  const ms = Date.UTC(2026, 10, 23, 12, 34, 56, 789);
  expect(timeOfUlid(createUlid(ms))).toBe(ms);
});
