import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CrawlClient, createCrawlClient } from '@xnai/contracts/client';
import { descendantsOf, startRedis } from '@xnai/testing';
import { cpuOf, freePort, memoryOf, type ServiceProcess, startService } from '../support/service-process.ts';

export interface CrawlRun {
  readonly pages: number;
  readonly seconds: number;
  /** Processor time by process, in ms; that of the site is not counted. */
  readonly cpuMs: Readonly<Record<string, number>>;
}

export interface OwnRun extends CrawlRun {
  /** From the submission until the record of the crawl has the first page as indexed. */
  readonly firstPageMs: number;
  /** At each thousand pages: resident memory of rag, and of the crawler with the process of the crawl. */
  readonly memory: readonly { readonly pages: number; readonly ragMb: number; readonly crawlerMb: number }[];
}

export interface CrawlStack extends AsyncDisposable {
  /** From the submission until rag has acknowledged every page, into a collection of its own. */
  crawl(body: {
    readonly url: string;
    readonly limit: number;
    readonly maxConcurrency: number;
  }): Promise<OwnRun>;
  memory(): Promise<Readonly<Record<'rag' | 'crawler', { readonly rssMb: number; readonly peakMb: number }>>>;
}

/** Redis, rag and crawler on free ports, as `npm start` puts them together, with nothing kept. */
export async function startCrawlStack(allowedOrigin: string): Promise<CrawlStack> {
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'xnai-bench-crawl-'));
  const key = `xnai_${randomBytes(32).toString('base64url')}`;
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    for (const service of started.reverse()) await service.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const redis = await startRedis();
    started.push({ stop: async () => redis[Symbol.asyncDispose]() });
    const rag = await startApp('rag', { folder, key, env: {} });
    started.push(rag);
    const env = {
      CRAWL_RAG_URL: rag.url,
      CRAWL_RAG_KEY: key,
      CRAWL_WORK_DIR: join(folder, 'crawl'),
      CRAWL_WORK_DIR_ANYWHERE: 'true',
      CRAWL_ALLOWED_ORIGINS: allowedOrigin,
      REDIS_URL: redis.url,
    };
    const crawler = await startApp('crawler', { folder, key, env });
    started.push(crawler);
    await waitForReadyProcess(env.CRAWL_WORK_DIR);
    const client = createCrawlClient({ baseUrl: crawler.url, key });
    let count = 0;
    const cpu = async () => ({
      rag: await cpuOf(rag.pid),
      crawler: await cpuOf(crawler.pid),
      redis: await cpuOf(redis.pid),
    });
    return {
      async crawl(body) {
        const before = await cpu();
        const collection = `crawl-${++count}`;
        const look = async () => ({
          ragMb: (await memoryOf(rag.pid)).rssMb,
          crawlerMb: await memoryOfAll([crawler.pid, ...descendantsOf(crawler.pid)]),
        });
        const run = await crawl(client, { ...body, collection, sitemap: 'skip' }, look);
        // A crawl's process is counted with its parent once it has ended; what is made ready then, with the next crawl.
        await waitForReadyProcess(env.CRAWL_WORK_DIR);
        const after = await cpu();
        const cpuMs = Object.fromEntries(
          Object.entries(after).map(([name, ms]) => [name, ms - before[name as keyof typeof before]]),
        );
        return { ...run, cpuMs };
      },
      memory: async () => ({ rag: await memoryOf(rag.pid), crawler: await memoryOf(crawler.pid) }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface AppOptions {
  readonly folder: string;
  readonly key: string;
  readonly env: NodeJS.ProcessEnv;
}

async function startApp(name: 'rag' | 'crawler', { folder, key, env }: AppOptions): Promise<ServiceProcess> {
  const port = await freePort();
  return startService({
    name,
    url: `http://127.0.0.1:${port}`,
    env: {
      [name === 'rag' ? 'RAG_PORT' : 'CRAWL_PORT']: String(port),
      ...(name === 'rag' ? { RAG_GENERATE_MODEL: 'none' } : {}),
      XNAI_DATA_DIR: folder,
      XNAI_API_KEY: key,
      XNAI_RATE_LIMIT: '0',
      XNAI_LOG_LEVEL: 'warn',
      ...env,
    },
  });
}

const MAX_CRAWL_MS = 300_000;
const LOAD_MS = 2000;

/** The crawler keeps a process ready for the next crawl, which is not to load its code while anything is measured. */
async function waitForReadyProcess(workDir: string): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!readdirSync(workDir).some((name) => name.startsWith('ready-'))) {
    if (Date.now() > endMs) throw new Error('no process was made ready');
    await sleep(50);
  }
  await sleep(LOAD_MS);
}

async function crawl(
  client: CrawlClient,
  body: Parameters<CrawlClient['submitCrawl']>[0],
  look: () => Promise<Omit<OwnRun['memory'][number], 'pages'>>,
): Promise<Omit<OwnRun, 'cpuMs'>> {
  const startedMs = performance.now();
  const { id } = await client.submitCrawl(body);
  const memory: OwnRun['memory'][number][] = [];
  let firstPageMs: number | undefined;
  while (performance.now() - startedMs < MAX_CRAWL_MS) {
    const job = await client.getCrawl(id);
    const { indexed } = job.counters;
    if (indexed > 0) firstPageMs ??= performance.now() - startedMs;
    if (indexed >= (memory.length + 1) * 1000) memory.push({ pages: indexed, ...(await look()) });
    if (job.status === 'completed') {
      const seconds = (performance.now() - startedMs) / 1000;
      return { pages: indexed, seconds, firstPageMs: firstPageMs ?? seconds * 1000, memory };
    }
    if (job.finishedAt !== null) throw new Error(`the crawl ended: ${JSON.stringify(job)}`);
    await sleep(50);
  }
  throw new Error('the crawl did not end');
}

/** A process that has ended has none. */
async function memoryOfAll(pids: readonly number[]): Promise<number> {
  const all = await Promise.all(pids.map((pid) => memoryOf(pid).catch(() => ({ rssMb: 0 }))));
  return all.reduce((sum, { rssMb }) => sum + rssMb, 0);
}
