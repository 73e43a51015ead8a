import { article } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let stack: TestStack;

beforeEach(async () => {
  stack = await startTestStack({ variables: { CRAWL_CONCURRENCY: '1' } });
  const links = Array.from({ length: 30 }, (_, i) => `/p${i}`);
  stack.site.pages['/'] = article('Home', links);
  for (const link of links) stack.site.pages[link] = article(link);
});

afterEach(() => stack?.[Symbol.asyncDispose]());

const submit = (options: object = {}) =>
  stack.crawler.submit({ url: `${stack.site.origin}/`, sitemap: 'skip', ...options });

describe('cancelling a crawl', () => {
  it('stops one that runs, from whatever replica', async () => {
    const other = await stack.addReplica();
    const id = await submit({ delay: 0.2 });
    await stack.crawler.until(id, ({ counters }) => counters.indexed >= 1);
    const first = await other.request('DELETE', `/v1/crawls/${id}`);
    expect(first).toMatchObject({ status: 202, body: { id, status: 'stopping' } });
    const crawl = await other.finish(id);
    expect(crawl).toMatchObject({
      status: 'cancelled',
      stopReason: 'user',
      counters: { queued: 0, discovered: 31 },
    });
    const { indexed, skipped } = crawl.counters;
    expect(indexed + skipped).toBe(31);
    expect(crawl.skippedBy).toEqual({ cancelled: skipped });
    const again = await other.request('DELETE', `/v1/crawls/${id}`);
    expect(again).toMatchObject({ status: 200, body: { id, status: 'cancelled' } });
    const hits = stack.site.paths.length;
    const until = performance.now() + 500;
    await other.until(id, () => performance.now() > until);
    expect(stack.site.paths).toHaveLength(hits);
  });

  it('takes one out of the queue that waits', async () => {
    const running = await submit({ delay: 1 });
    await stack.crawler.until(running, ({ status }) => status === 'running');
    const waiting = await submit();
    const answer = await stack.crawler.request('DELETE', `/v1/crawls/${waiting}`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'cancelled', startedAt: null } });
    await stack.crawler.request('DELETE', `/v1/crawls/${running}`);
    await stack.crawler.finish(running);
  });

  it('drops the pages that rag has not acknowledged, and counts them', async () => {
    await stack.rag.stop();
    const id = await submit({ limit: 4 });
    await stack.crawler.until(id, ({ stopReason }) => stopReason !== null);
    const answer = await stack.crawler.request('DELETE', `/v1/crawls/${id}`);
    expect(answer).toMatchObject({
      status: 200,
      body: {
        status: 'cancelled',
        counters: { fetched: 4, indexed: 0 },
        skippedBy: { cancelled: 4, limit: 27 },
      },
    });
    const client = stack.redis.client;
    expect(await client.xlen('xnai:crawl:outbox')).toBe(0);
    expect(await client.get('xnai:crawl:outbox-bytes')).toBe('0');
    await stack.rag.start();
    const next = await submit({ limit: 1, collection: 'next' });
    await stack.crawler.finish(next);
    expect([...stack.rag.documents.keys()].every((key) => key.startsWith('next/'))).toBe(true);
  });

  it('leaves one alone that has ended', async () => {
    const id = await submit({ limit: 1 });
    await stack.crawler.finish(id);
    const answer = await stack.crawler.request('DELETE', `/v1/crawls/${id}`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed', stopReason: 'limit' } });
  });
});
