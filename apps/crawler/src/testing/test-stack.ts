import type { ResourceSource } from '@xnai/resilience';
import { startRedis, startSite, type TestRedis, type TestSite } from '@xnai/testing';
import { type FakeRag, startFakeRag } from './fake-rag.ts';
import { startTestCrawler, type TestCrawler } from './test-crawler.ts';

/** A crawler with a Redis, a rag and a site of its own. */
export interface TestStack extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly rag: FakeRag;
  readonly site: TestSite;
  readonly crawler: TestCrawler;
  /** One more replica of the crawler. */
  addReplica(variables?: Record<string, string>): Promise<TestCrawler>;
}

export interface TestStackOptions {
  readonly variables?: Record<string, string>;
  /** Whether crawls get processes of their own, as they do outside of tests. */
  readonly isForked?: boolean;
  /** Whether Redis keeps its data over a restart. */
  readonly keepsData?: boolean;
  /** Further arguments of redis-server. */
  readonly redisArgs?: readonly string[];
  /** Where memory runs out; nowhere, unless a test says so. */
  readonly sources?: readonly ResourceSource[];
}

export async function startTestStack(options: TestStackOptions = {}): Promise<TestStack> {
  await using open = new AsyncDisposableStack();
  const redis = open.use(
    await startRedis({ keepsData: options.keepsData ?? false, args: options.redisArgs ?? [] }),
  );
  const rag = open.use(await startFakeRag());
  const site = open.use(await startSite());
  const common = { REDIS_URL: redis.url, CRAWL_RAG_URL: rag.url, CRAWL_ALLOWED_ORIGINS: site.origin };
  const replicas: TestCrawler[] = [];

  async function addReplica(more: Record<string, string> = {}): Promise<TestCrawler> {
    const replica = await startTestCrawler({ ...common, ...options.variables, ...more }, options);
    replicas.push(replica);
    await replica.untilReady('redis');
    return replica;
  }

  const crawler = await addReplica();
  const resources = open.move();
  return {
    redis,
    rag,
    site,
    crawler,
    addReplica,
    async [Symbol.asyncDispose]() {
      for (const replica of replicas) await replica[Symbol.asyncDispose]();
      await resources.disposeAsync();
    },
  };
}
