import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { article, mountTmpfs, startRedis, startSite, type TestRedis, type TestSite } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
import { type CrawlerProcess, startCrawlerProcess } from './testing/crawler-process.ts';
import { type FakeRag, startFakeRag } from './testing/fake-rag.ts';
import { startTestStack } from './testing/test-stack.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
if (!canMount) process.stderr.write('skipped: no right to mount, so no small tmpfs to fill\n');

const WORK = '/mnt';
const SIZE = '96.0';

describe.skipIf(!canMount)('a work folder that fills up', { timeout: 60_000 }, () => {
  let redis: TestRedis;
  let rag: FakeRag;
  let site: TestSite;
  let crawler: CrawlerProcess;
  /** The folder as the crawler sees it, in its own mount namespace. */
  let seen: string;

  beforeAll(async () => {
    redis = await startRedis();
    rag = await startFakeRag();
    site = await startSite();
    const mount = `mount -t tmpfs -o size=96m,mode=0700 tmpfs ${WORK} && exec "$@"`;
    crawler = await startCrawlerProcess({
      wrapper: ['unshare', '-m', 'sh', '-c', mount, 'sh'],
      workDir: WORK,
      variables: {
        REDIS_URL: redis.url,
        CRAWL_RAG_URL: rag.url,
        CRAWL_ALLOWED_ORIGINS: site.origin,
        CRAWL_CHROMIUM: chromium ?? '/nonexistent',
        CRAWL_WORK_DIR_ANYWHERE: 'false',
      },
    });
    seen = `/proc/${crawler.pid}/root${WORK}`;
  });

  afterAll(async () => {
    await crawler?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
    await rag?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  function fill(): void {
    const block = Buffer.alloc(256 * 1024);
    try {
      for (;;) writeFileSync(`${seen}/filler`, block, { flag: 'a' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }

  async function workDirCheck() {
    const { checks } = (await (await crawler.fetch('/readyz')).json()) as { checks: Record<string, object> };
    return checks['work-dir'];
  }

  const tiers = chromium === undefined ? (['never'] as const) : (['never', 'always'] as const);

  it.each(tiers)(
    'ends a crawl with the figure, has the next ones refused, and goes on when there is room (render: %s)',
    async (render) => {
      const held: (() => void)[] = [];
      site.pages['/'] = article('Home', ['/held']);
      site.pages['/held'] = (_request, response) => void held.push(() => response.end('late'));
      const submit = (collection: string) =>
        crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', collection, render });
      const ended = (id: string) => crawler.until(id, ({ finishedAt }) => finishedAt !== null);
      const full = {
        status: 'failed',
        stopReason: 'storage',
        error: expect.stringMatching(/work folder is full: [0-3]\.\d of 96\.0 MiB are free/),
      };

      const underWay = await submit(`first-${render}`);
      await vi.waitUntil(() => held.length === 1, { timeout: 30_000 });
      fill();
      expect(await ended(underWay)).toMatchObject({ ...full, counters: { indexed: 1 } });
      // The crawl's own files are gone with it, a browser's profile among them.
      fill();
      expect(await workDirCheck()).toMatchObject({
        status: 'degraded',
        detail: expect.stringContaining(`of ${SIZE} MiB are free`),
      });
      const body = JSON.stringify({ url: `${site.origin}/`, render });
      for (const path of ['/v1/scrape', '/v1/crawls']) {
        await expect
          .poll(async () => (await crawler.fetch(path, { method: 'POST', body })).json(), { timeout: 20_000 })
          .toMatchObject({
            status: 503,
            code: 'OVERLOADED',
            detail: expect.stringMatching(
              /^memory is nearly used up: tmpfs \S+ (?:9\d|100)\.\d % of 96 MiB$/,
            ),
          });
      }

      rmSync(`${seen}/filler`);
      // Accepted again once there has been room for a while.
      site.pages['/held'] = article('Held');
      expect(await ended(await submit(`last-${render}`))).toMatchObject({
        status: 'completed',
        counters: { indexed: 2 },
      });
      expect(await workDirCheck()).toMatchObject({ status: 'ok' });
      const left = readdirSync(seen).filter((name) => !name.startsWith('.keys.json.lock'));
      expect(left.sort()).toEqual(['compile-cache', 'keys.json']);
    },
  );
});

it('is found out by what needs it when nothing refused that before', {
  timeout: 60_000,
}, async (context) => {
  using disk = mountTmpfs(context, 'size=4m');
  // No resource is watched here, so that work is taken on.
  await using stack = await startTestStack({ variables: { CRAWL_WORK_DIR: disk.path } });
  const { crawler, site } = stack;
  site.pages['/'] = article('Home');
  writeFileSync(join(disk.path, 'filler'), Buffer.alloc(4 * 1024 ** 2 - 64 * 1024));
  const scraped = await crawler.request('POST', '/v1/scrape', { body: { url: `${site.origin}/` } });
  expect(scraped).toMatchObject({
    status: 503,
    body: { code: 'STORAGE_FULL', detail: expect.stringMatching(/full: \d\.\d of 4\.0 MiB are free/) },
  });
  const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' });
  expect(await crawler.finish(id)).toMatchObject({ status: 'failed', stopReason: 'storage' });
  expect(site.paths).toEqual([]);
});
