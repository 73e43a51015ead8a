import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import {
  article,
  isAlive,
  startRedis,
  startSite,
  type TestRedis,
  type TestSite,
  waitUntil,
} from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CrawlerProcess, startCrawlerProcess } from './testing/crawler-process.ts';
import { type FakeRag, startFakeRag } from './testing/fake-rag.ts';

let open: AsyncDisposableStack;
let redis: TestRedis;
let rag: FakeRag;
let site: TestSite;

beforeEach(async () => {
  open = new AsyncDisposableStack();
  redis = open.use(await startRedis());
  rag = open.use(await startFakeRag());
  site = open.use(await startSite());
  const links = Array.from({ length: 11 }, (_, i) => `/p${i}`);
  site.pages['/'] = article('Home', links);
  for (const link of links) site.pages[link] = article(link);
});

afterEach(() => open.disposeAsync());

async function start(variables: Record<string, string> = {}): Promise<CrawlerProcess> {
  const common = { REDIS_URL: redis.url, CRAWL_RAG_URL: rag.url, CRAWL_ALLOWED_ORIGINS: site.origin };
  return open.use(await startCrawlerProcess({ variables: { ...common, ...variables } }));
}

const submit = (crawler: CrawlerProcess) =>
  crawler.submit({ url: `${site.origin}/`, sitemap: 'skip', delay: 0.15 });

async function untilGone(pids: readonly number[]): Promise<void> {
  await waitUntil('the processes are gone', () => !pids.some(isAlive));
}

function pageHits(): string[] {
  return site.paths.filter((path) => path !== '/robots.txt');
}

describe('the crawler as processes', () => {
  it('hands the crawls of a replica that was killed to another, which fetches nothing again that rag has', async () => {
    const first = await start();
    const second = await start();
    const id = await submit(first);
    await first.until(id, ({ counters }) => counters.indexed >= 4);
    const children = [...first.children(), ...second.children()];
    expect(children).toHaveLength(1);
    const [owner, other] = first.children().length === 1 ? [first, second] : [second, first];
    const indexed = [...rag.puts];
    await owner.kill('SIGKILL');
    await untilGone(children);
    const crawl = await other.until(id, ({ finishedAt }) => finishedAt !== null);
    expect(crawl).toMatchObject({
      status: 'completed',
      counters: { discovered: 12, queued: 0, fetched: 12, indexed: 12, unchanged: 0, failed: 0 },
    });
    expect(rag.documents.size).toBe(12);
    // Only what was under way when it was killed may have been asked for twice.
    const twice = pageHits().length - new Set(pageHits()).size;
    expect(twice).toBeLessThanOrEqual(2);
    expect(rag.puts.length - new Set(rag.puts).size).toBeLessThanOrEqual(1);
    expect(indexed.length).toBeGreaterThanOrEqual(4);
  });

  it('goes on in a new process when the process of a crawl is killed', async () => {
    const crawler = await start();
    const id = await submit(crawler);
    await crawler.until(id, ({ counters }) => counters.indexed >= 3);
    const [child = 0] = crawler.children();
    process.kill(child, 'SIGKILL');
    const crawl = await crawler.until(id, ({ finishedAt }) => finishedAt !== null);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 12, failed: 0 } });
    expect(pageHits().length).toBeLessThanOrEqual(13);
  });

  it('gives a crawl the process that is ready, puts it back when it is stopped, and leaves no process behind', async () => {
    const first = await start({ CRAWL_KEEP_READY: 'true' });
    await waitUntil('a process is ready', () => first.children().length === 1);
    const children = first.children();
    const id = await submit(first);
    await first.until(id, ({ counters }) => counters.indexed >= 3);
    expect(first.children()).toEqual(children);
    await first.kill('SIGTERM');
    await untilGone(children);
    expect(readdirSync(first.workDir).filter((name) => name === id)).toEqual([]);
    const second = await start();
    const crawl = await second.until(id, ({ finishedAt }) => finishedAt !== null);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 12 } });
    expect(pageHits().length).toBeLessThanOrEqual(13);
  });

  it('listens on nothing but its API while it crawls, and gives a crawl no secret to read', async () => {
    const crawler = await start({ CRAWL_RAG_KEY: 'xnai_very-secret' });
    const id = await submit(crawler);
    await crawler.until(id, ({ counters }) => counters.indexed >= 2);
    const [child = 0] = crawler.children();
    expect(listeningAddresses(crawler.pid)).toEqual([`127.0.0.1:${new URL(crawler.url).port}`]);
    // Its way out, and nothing else.
    expect(listeningAddresses(child)).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    const environment = readFileSync(`/proc/${child}/environ`, 'utf8');
    expect(environment).toContain('CRAWLEE_STORAGE_DIR');
    expect(environment).not.toContain('xnai_');
    expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).not.toContain('xnai_');
  });
});

/** Addresses of the TCP sockets that a process listens on. */
function listeningAddresses(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inodes.has(inode ?? ''))
      .map(([, local = '']) => addressOf(local)),
  );
}

function addressOf(hex: string): string {
  const [address = '', port = ''] = hex.split(':');
  const bytes = Buffer.from(address, 'hex').reverse();
  const text = bytes.length === 4 ? bytes.join('.') : `[${address}]`;
  return `${text}:${Number.parseInt(port, 16)}`;
}
