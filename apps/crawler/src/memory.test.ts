import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { redisMemory, tmpfs } from '@xnai/resilience';
import { article, mountTmpfs, startRedis } from '@xnai/testing';
import { expect, it } from 'vitest';
import { waitForRoom } from './jobs/wait-for-memory.ts';
import { startTestCrawler } from './testing/test-crawler.ts';
import { startTestStack } from './testing/test-stack.ts';

const SIZE_BYTES = 4 * 1024 ** 2;

it('lets crawls wait while a real tmpfs is short, and refuses new ones with the figure when it is nearly full', {
  timeout: 60_000,
}, async (context) => {
  using disk = mountTmpfs(context, `size=${SIZE_BYTES}`);
  await using stack = await startTestStack({ sources: [tmpfs(disk.path)] });
  const { crawler, site } = stack;
  site.pages['/'] = article('Home');
  const body = { url: `${site.origin}/`, sitemap: 'skip' };
  const fill = async (share: number, level: string) => {
    await writeFile(join(disk.path, 'fill'), Buffer.alloc(Math.ceil(share * SIZE_BYTES)));
    await expect
      .poll(async () => (await crawler.request('GET', '/v1/breakers')).body.resources[0].level, {
        timeout: 20_000,
      })
      .toBe(level);
  };

  await fill(0.5, 'ok');
  expect(await crawler.finish(await crawler.submit(body))).toMatchObject({ counters: { indexed: 1 } });
  const hits = site.paths.length;

  await fill(0.85, 'shed');
  const waiting = await crawler.submit({ ...body, collection: 'waiting' });
  expect((await crawler.request('GET', '/readyz')).body).toMatchObject({ degraded: ['memory'] });

  await fill(0.95, 'refuse');
  for (const url of ['/v1/crawls', '/v1/scrape']) {
    const refused = await crawler.request('POST', url, { body: { url: `${site.origin}/` } });
    expect(refused).toMatchObject({ status: 503, body: { code: 'OVERLOADED' } });
    expect(refused.body.detail).toMatch(/^memory is nearly used up: tmpfs \S+ 95\.\d % of 4 MiB$/);
    expect(refused.headers['retry-after']).toBe('10');
  }
  expect(site.paths).toHaveLength(hits);
  expect(await crawler.crawl(waiting)).toMatchObject({ status: 'queued', startedAt: null });
  await crawler.request('DELETE', `/v1/crawls/${waiting}`);
  expect(await crawler.finish(waiting)).toMatchObject({ status: 'cancelled', counters: { fetched: 0 } });
});

it('refuses new crawls while the Redis that holds them is nearly full', { timeout: 60_000 }, async () => {
  await using redis = await startRedis();
  const client = redis.client;
  const sources = [redisMemory(() => client.info('memory'))];
  await using crawler = await startTestCrawler({ REDIS_URL: redis.url }, { sources });
  await crawler.untilReady('redis');
  const submit = () =>
    crawler.request('POST', '/v1/crawls', { body: { url: 'https://example.org/', render: 'never' } });
  // So much that it does not matter what connections take and give back.
  await client.setrange('fill', 32 * 1024 ** 2, 'full');
  const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  await client.config('SET', 'maxmemory', Math.round(used / 0.95));
  await expect
    .poll(async () => (await crawler.request('GET', '/v1/breakers')).body.resources[0].level, {
      timeout: 20_000,
    })
    .toBe('refuse');
  expect(await submit()).toMatchObject({
    status: 503,
    body: {
      code: 'OVERLOADED',
      detail: expect.stringMatching(/^memory is nearly used up: redis (9|1\d)\d\.\d % of/),
    },
  });
});

it('begins a crawl that waited as soon as there is room', async () => {
  let refusals = 3;
  let begun = 0;
  const memory = {
    admit() {
      if (refusals-- > 0) throw new Error('no room');
    },
  };
  const ledger = { state: async () => ({ status: 'queued', isCrawled: false }) as const };
  const work = waitForRoom(
    async () => {
      begun += 1;
      return 'done';
    },
    { memory, ledger, pollMs: 1 },
  );
  const job = { id: 'x', deadline: undefined };
  expect(await work(job, new AbortController().signal)).toBe('done');
  expect(refusals).toBe(-1);

  refusals = Infinity;
  expect(await work(job, AbortSignal.timeout(20))).toBe('later');
  expect(begun).toBe(1);
});
