import { globSync } from 'node:fs';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { article, mountTmpfs, startRedis, startSite } from '@xnai/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestCrawler } from './testing/test-crawler.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let open = new AsyncDisposableStack();

afterEach(async () => {
  await open.disposeAsync();
  open = new AsyncDisposableStack();
});

function addPages({ site }: Pick<TestStack, 'site'>, count: number): void {
  const links = Array.from({ length: count }, (_, i) => `/p${i}`);
  site.pages['/'] = article('Home', links);
  for (const link of links) site.pages[link] = article(link);
}

/** Number of pages. */
const LOST = 3;

const DISK_BYTES = 8 * 1024 ** 2;
const EVERY_SECOND = ['--appendonly', 'yes', '--appendfsync', 'everysec'];

describe('while Redis is away', () => {
  it('refuses crawls at once and says why, and joins by itself when Redis comes', async () => {
    const redis = open.use(await startRedis());
    await redis.kill();
    const site = open.use(await startSite({ '/': article('Home') }));
    const variables = { REDIS_URL: redis.url, CRAWL_ALLOWED_ORIGINS: site.origin };
    const crawler = open.use(await startTestCrawler(variables));
    const body = { url: `${site.origin}/`, sitemap: 'skip' };

    const startMs = performance.now();
    for (let i = 0; i < 10; i++) {
      const refused = await crawler.request('POST', '/v1/crawls', { body });
      expect(refused).toMatchObject({ status: 503, body: { code: 'REDIS_UNAVAILABLE' } });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(await crawler.request('GET', '/v1/crawls')).toMatchObject({ status: 503 });
    expect(await crawler.request('GET', '/livez')).toMatchObject({ status: 200 });
    expect(await crawler.request('GET', '/readyz')).toMatchObject({
      status: 200,
      body: {
        status: 'degraded',
        degraded: expect.arrayContaining(['redis']),
        checks: { redis: { status: 'down', detail: expect.stringContaining('Redis does not answer') } },
      },
    });

    await redis.start();
    await crawler.untilReady('redis');
    const { breakers } = (await crawler.request('GET', '/v1/breakers')).body;
    expect(breakers).toContainEqual(expect.objectContaining({ name: 'rag-ingest', scope: 'shared' }));
    const id = await crawler.submit(body);
    await crawler.until(id, ({ counters }) => counters.fetched === 1);
  });

  it('goes on with a crawl after a restart that kept the data', async () => {
    const stack = open.use(await startTestStack({ keepsData: true }));
    addPages(stack, 10);
    const { crawler, redis, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.1 });
    await crawler.until(id, ({ counters }) => counters.fetched >= 3);
    await redis.stop();
    expect(await crawler.request('GET', `/v1/crawls/${id}`)).toMatchObject({ status: 503 });
    await redis.start();
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { fetched: 11, indexed: 11 } });
    expect(stack.rag.documents.size).toBe(11);
  });

  it('fetches again what a restarted Redis has lost, although it had been answered', async () => {
    const dir = open.adopt(await mkdtemp(join(tmpdir(), 'crawler-aof-')), (path) =>
      rm(path, { recursive: true }),
    );
    const stack = open.use(await startTestStack({ redisArgs: ['--dir', dir, ...EVERY_SECOND] }));
    addPages(stack, 30);
    const { crawler, rag, redis, site } = stack;
    // Pages wait in Redis meanwhile, so that they are lost with it.
    await rag.stop();
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.15 });
    await crawler.until(id, ({ counters }) => counters.fetched >= 2);
    const [file = ''] = globSync(join(dir, 'appendonlydir/*.incr.aof'));
    const { size } = await stat(file);
    const { counters: kept } = await crawler.crawl(id);
    await crawler.until(id, ({ counters }) => counters.fetched >= kept.fetched + LOST);
    await redis.kill();
    await truncate(file, size);
    await redis.start();
    await rag.start();
    expect(await crawler.finish(id)).toMatchObject({
      status: 'completed',
      counters: { discovered: 31, queued: 0, fetched: 31, indexed: 31, failed: 0 },
    });
    expect(rag.documents.size).toBe(31);
    const asked = site.paths.filter((path) => path !== '/robots.txt');
    const twice = asked.length - new Set(asked).size;
    expect(twice).toBeGreaterThanOrEqual(LOST);
    expect(twice).toBeLessThan(30);
  });

  it('lives through a Redis that hangs for a while', async () => {
    const stack = open.use(await startTestStack());
    addPages(stack, 10);
    const { crawler, redis, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.1 });
    await crawler.until(id, ({ counters }) => counters.fetched >= 3);
    redis.pause();
    const answers = await Promise.all([
      crawler.request('GET', `/v1/crawls/${id}`),
      crawler.request('POST', '/v1/crawls', { body: { url: `${site.origin}/` } }),
    ]);
    redis.resume();
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 11 } });
  });

  it('waits while the disk of Redis is full, says so, and goes on when there is room', async (context) => {
    const disk = open.use(mountTmpfs(context, `size=${DISK_BYTES}`));
    const filler = join(disk.path, 'fill');
    const stack = open.use(await startTestStack({ redisArgs: ['--dir', disk.path, ...EVERY_SECOND] }));
    addPages(stack, 20);
    const { crawler, site } = stack;
    const submit = () => crawler.request('POST', '/v1/crawls', { body: { url: `${site.origin}/` } });
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.1 });
    await crawler.until(id, ({ counters }) => counters.fetched >= 3);
    // Others write meanwhile, so that only a refusal tells that no room is left.
    await expect(writeFile(filler, Buffer.alloc(DISK_BYTES))).rejects.toMatchObject({ code: 'ENOSPC' });
    await expect
      .poll(async () => (await crawler.request('GET', '/readyz')).body.checks.redis, { timeout: 20_000 })
      .toEqual({ status: 'down', detail: expect.stringContaining('its disk is full') });
    expect((await crawler.request('GET', '/readyz')).body.degraded).toContain('redis');
    expect(await submit()).toMatchObject({ status: 503, body: { code: 'STORAGE_FULL' } });
    expect(await crawler.crawl(id)).toMatchObject({ status: 'running' });
    await rm(filler);
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { fetched: 21, indexed: 21, failed: 0 } });
    expect(stack.rag.documents.size).toBe(21);
  });

  it('says so when Redis has lost a crawl', async () => {
    const stack = open.use(await startTestStack());
    addPages(stack, 20);
    const { crawler, redis, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.1 });
    // Long enough for its worker to have looked at the record, as it does every 400 ms.
    const seen = await crawler.until(id, ({ counters }) => counters.indexed >= 10);
    await redis.kill();
    await redis.start();
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({
      status: 'failed',
      stopReason: 'redis-lost',
      error: expect.stringContaining('Redis lost its data'),
      counters: { discovered: 21, queued: 0, failed: 0 },
      startedAt: seen.startedAt,
    });
    const { counters } = crawl;
    expect(counters.fetched).toBeGreaterThanOrEqual(seen.counters.fetched);
    expect(counters.indexed).toBeGreaterThan(0);
    expect(counters.indexed).toBeLessThanOrEqual(stack.rag.documents.size);
    expect(counters.indexed + counters.skipped).toBe(counters.discovered);
    const next = await crawler.submit({
      url: `${site.origin}/`,
      sitemap: 'skip',
      limit: 2,
      collection: 'next',
    });
    expect(await crawler.finish(next)).toMatchObject({ status: 'completed', counters: { indexed: 2 } });
  });
});
