import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeRag, startFakeRag } from './testing/fake-rag.ts';
import { article, type FakeSite, startFakeSite } from './testing/fake-site.ts';
import { type PrivateRedis, startPrivateRedis } from './testing/private-redis.ts';
import { startTestCrawler, type TestCrawler } from './testing/test-crawler.ts';

let redis: PrivateRedis;
let rag: FakeRag;
let site: FakeSite;
let crawler: TestCrawler;

beforeAll(async () => {
  redis = await startPrivateRedis();
  rag = await startFakeRag();
  site = await startFakeSite();
  crawler = await startTestCrawler({
    REDIS_URL: redis.url,
    CRAWL_RAG_URL: rag.url,
    CRAWL_ALLOWED_ORIGINS: site.origin,
  });
});

afterAll(async () => {
  await crawler?.[Symbol.asyncDispose]();
  await site?.[Symbol.asyncDispose]();
  await rag?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

describe('a crawl', () => {
  it('indexes every reachable page, each as the document of its URL', async () => {
    Object.assign(site.pages, {
      '/docs/': article('Start', ['a.html', 'b.html#part', 'missing.html', 'https://example.org/']),
      '/docs/a.html': article('Apples', ['b.html', './']),
      '/docs/b.html': article('Bananas', ['a.html']),
    });
    const id = await crawler.submit({ url: `${site.origin}/docs/`, collection: 'fruit' });
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed_with_errors', stopReason: 'exhausted' });
  });
});
