import { spawnSync } from 'node:child_process';
import { appendFile, chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { descendantsOf, isAlive, waitUntil } from '@xnai/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { CRAWL_POLL_MS } from './support/api.ts';
import { type GatedSite, serveGatedSite } from './support/gated-site.ts';
import { all, childOf, makeDataFolder, type Stack, spawnStack, startStack } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const PAGES = 40;

/** One stack after the other on the same data folder, since each takes long to start. Each crawl has its own collection. */
describe.skipIf(!hasRedis)('a crawl under npm start', { timeout: 240_000 }, () => {
  let site: GatedSite;
  let dataDir: string;
  let stack: Stack;
  let crawls = 0;

  beforeAll(async () => {
    site = await serveGatedSite(PAGES);
    dataDir = await makeDataFolder();
    stack = await start();
  }, 120_000);
  beforeEach(() => site.shut());
  afterEach(({ task }) => {
    site.open();
    if (task.result?.state === 'fail') console.log(all(stack));
  });
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true });
  }, 60_000);

  it.each([
    ['redis-server', 'redis'],
    ['apps/crawler/src/main.ts', 'crawler'],
    ['apps/rag/src/main.ts', 'rag'],
  ])('goes on after kill -9 of %s: nothing is lost or doubled', async (command, name) => {
    const id = await beginCrawl();
    process.kill(childOf(stack, command), 'SIGKILL');
    await waitUntil('it is started again', () =>
      stack.output().includes(`${name} ended (signal SIGKILL); starting it again`),
    );
    site.open();
    await expectWhole(id);
  });

  it('goes on at the next start after SIGINT of the starter, and keeps the records of former crawls', async () => {
    const { id: former } = await submit({ limit: 3 });
    const record = await stack.api.endedCrawl(former);
    const id = await beginCrawl();
    await stack.end('SIGINT');
    stack = await start();
    expect(await stack.api.crawler.getCrawl(former)).toEqual(record);
    site.open();
    await expectWhole(id);
  });

  it('goes on at the next start after SIGKILL of the starter, in a folder that it closes when it stands open', async () => {
    const id = await beginCrawl();
    await stack.end('SIGKILL');
    const folder = join(dataDir, 'redis');
    const modeOf = async () => (await stat(folder)).mode & 0o777;
    expect(await modeOf()).toBe(0o700);
    await chmod(folder, 0o755);
    stack = await start();
    expect(await modeOf()).toBe(0o700);
    site.open();
    await expectWhole(id);
  });

  it('goes on at the next start after kill -9 of all, with an end of the file that is torn', async () => {
    const id = await beginCrawl();
    await killAll();
    await appendFile(await appendOnlyFile(), '*3\r\n$3\r\nSET\r\n$5\r\nsh');
    stack = await start();
    site.open();
    await expectWhole(id);
  });

  it('names a file that cannot be read, with what to do, and leaves it as it is', async () => {
    const id = await beginCrawl();
    await killAll();
    const file = await appendOnlyFile();
    const text = await readFile(file, 'latin1');
    await writeFile(file, text.replace('*', '!'), 'latin1');
    const before = await readFile(file);

    const refused = spawnStack({
      XNAI_DATA_DIR: dataDir,
      RAG_PORT: String(stack.ragPort),
      CRAWL_PORT: new URL(stack.crawlerUrl).port,
    });
    onTestFinished(async () => void (await refused.end('SIGKILL')));
    expect(await refused.exited).toBe(1);
    expect(refused.logs()).toContain('redis did not start');
    expect(refused.logs()).toContain('Bad file format reading the append only file');
    expect(refused.logs()).toContain(
      `check-aof --fix ${dataDir}/redis/appendonlydir/appendonly.aof.manifest`,
    );
    expect(refused.logs()).toContain(`mv ${dataDir}/redis ${dataDir}/redis.damaged`);
    expect(refused.logs()).not.toMatch(/^\s+at /m);
    expect(before.equals(await readFile(file))).toBe(true);

    await writeFile(file, text, 'latin1');
    stack = await start();
    site.open();
    await expectWhole(id);
  });

  function start(): Promise<Stack> {
    return startStack({ dataDir, env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
  }

  function submit(options: { readonly limit?: number }) {
    crawls += 1;
    const collection = `crawl-${crawls}`;
    return stack.api.crawler.submitCrawl({ url: `${site.origin}/`, collection, ...options });
  }

  /** Some pages are indexed, and the others are not answered yet. */
  async function beginCrawl(): Promise<string> {
    const { id } = await submit({});
    await waitUntil(
      'some pages are indexed',
      async () => (await stack.api.crawler.getCrawl(id)).counters.indexed >= 3,
      { timeoutMs: 60_000, pollMs: CRAWL_POLL_MS, describe: () => `\n${all(stack)}` },
    );
    return id;
  }

  async function killAll(): Promise<void> {
    const pids = [stack.pid, ...descendantsOf(stack.pid)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await waitUntil('all have ended', () => !pids.some(isAlive));
    await stack.exited;
  }

  async function expectWhole(id: string): Promise<void> {
    const { crawler } = stack.api;
    await waitUntil('the crawl is there', () => crawler.getCrawl(id).catch(expectPassing), {
      timeoutMs: 30_000,
      pollMs: CRAWL_POLL_MS,
    });
    const crawl = await stack.api.endedCrawl(id);
    expect(crawl).toMatchObject({
      status: 'completed',
      counters: { discovered: PAGES, fetched: PAGES, queued: 0, skipped: 0, failed: 0 },
    });
    // A page that rag had stored, but whose acknowledgement was lost, comes a second time, unchanged.
    expect(crawl.counters.indexed + crawl.counters.unchanged).toBe(PAGES);
    expect(await stack.api.rag.getCollection(crawl.collection)).toMatchObject({ documents: PAGES });
  }

  /** The part that changes are appended to. */
  async function appendOnlyFile(): Promise<string> {
    const folder = join(dataDir, 'redis/appendonlydir');
    const [name = ''] = (await readdir(folder)).filter((file) => file.endsWith('.incr.aof'));
    return join(folder, name);
  }
});

/** What was killed is not back yet. */
function expectPassing(error: unknown): undefined {
  expect(error).toMatchObject({ code: expect.stringMatching(/^(NETWORK_ERROR|REDIS_UNAVAILABLE)$/) });
}
