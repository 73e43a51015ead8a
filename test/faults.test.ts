import { spawnSync } from 'node:child_process';
import type { Crawl } from '@xnai/contracts';
import { type FaultProxy, openFaultProxy, waitUntil } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CRAWL_POLL_MS } from './support/api.ts';
import { type GatedSite, serveGatedSite } from './support/gated-site.ts';
import { all, childOf, type Stack, startStack } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const PAGES = 40;

describe.skipIf(!hasRedis)('a stack in which something goes wrong', { timeout: 90_000 }, () => {
  let site: GatedSite;
  let relay: FaultProxy;
  let ragPort: number | undefined;
  let stack: Stack;

  beforeEach(async () => {
    site = await serveGatedSite(PAGES);
    ragPort = undefined;
    relay = await openFaultProxy(() => (ragPort === undefined ? undefined : { port: ragPort }));
    stack = await startStack({
      env: { CRAWL_ALLOWED_ORIGINS: site.origin, CRAWL_RAG_URL: `http://127.0.0.1:${relay.port}` },
    });
    ragPort = stack.ragPort;
  });
  afterEach(async ({ task }) => {
    site.open();
    await stack[Symbol.asyncDispose]();
    await relay[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    if (task.result?.state === 'fail') console.log(all(stack));
  });

  it('keeps the pages of a crawl while rag is down, and delivers each once when it is back', async () => {
    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/` });
    await untilCrawl(id, ({ counters }) => counters.indexed >= 3);
    relay.refuse = true;
    relay.reset();
    process.kill(childOf(stack, 'apps/rag/src/main.ts'), 'SIGKILL');
    site.open();
    const waiting = await untilCrawl(id, ({ counters, degraded }) => {
      return degraded.includes('rag') && counters.fetched === PAGES;
    });
    expect(waiting.status).toBe('running');
    expect(waiting.counters.indexed).toBeLessThan(PAGES);
    relay.refuse = false;
    const crawl = await stack.api.endedCrawl(id);
    expect(crawl).toMatchObject({
      status: 'completed',
      counters: { fetched: PAGES, failed: 0 },
      degraded: [],
    });
    // A page that rag had stored, but not acknowledged, when it was killed comes a second time, unchanged.
    expect(crawl.counters.indexed + crawl.counters.unchanged).toBe(PAGES);
    expect(await stack.api.rag.getCollection('default')).toMatchObject({ documents: PAGES });
  });

  it('stops a crawl when asked to, and says so', async () => {
    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/` });
    await untilCrawl(id, ({ counters }) => counters.indexed >= 3);
    expect(await stack.api.crawler.cancelCrawl(id)).toMatchObject({ status: 'stopping', finishedAt: null });
    site.open();
    const crawl = await stack.api.endedCrawl(id);
    expect(crawl).toMatchObject({ status: 'cancelled', stopReason: 'user' });
    expect(crawl.counters.indexed).toBeLessThan(PAGES);
    expect(await stack.api.crawler.cancelCrawl(id)).toEqual(crawl);
    expect(await stack.api.rag.getCollection('default')).toMatchObject({
      documents: crawl.counters.indexed + crawl.counters.unchanged,
    });
  });

  it('answers questions while Redis is gone, and crawls again once it is back', async () => {
    await index('lighthouse', 'The lighthouse of Port Ellery is 31 metres high.');
    const redis = childOf(stack, 'redis-server');
    process.kill(redis, 'SIGKILL');
    await waitUntil('Redis is started again', () =>
      stack.output().includes('redis ended (signal SIGKILL); starting it again'),
    );
    const { answer } = await stack.api.rag.query({ query: 'How high is the lighthouse?' });
    expect(answer).toContain('31 metres');
    site.open();
    const accepted = await waitUntil('a crawl is accepted', () =>
      stack.api.crawler.submitCrawl({ url: `${site.origin}/` }).catch(expectUnavailable),
    );
    const crawl = await stack.api.endedCrawl(accepted.id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: PAGES } });
  });

  it('does not lose the index when everything is killed', async () => {
    await index('lighthouse', 'The lighthouse of Port Ellery is 31 metres high.');
    await stack.end('SIGKILL');
    await using second = await startStack({ dataDir: stack.dataDir });
    const { answer, citations } = await second.api.rag.query({ query: 'How high is the lighthouse?' });
    expect(answer).toContain('31 metres');
    expect(citations.map(({ document_id }) => document_id)).toContain('lighthouse');
  });

  async function index(id: string, content: string): Promise<void> {
    const result = await stack.api.rag.putDocument('default', id, { content, content_type: 'text/plain' });
    expect(result).toMatchObject({ id, status: 'indexed' });
  }

  function untilCrawl(id: string, isSo: (crawl: Crawl) => boolean): Promise<Crawl> {
    return waitUntil(
      'the crawl is as wanted',
      async () => {
        const crawl = await stack.api.crawler.getCrawl(id);
        return isSo(crawl) && crawl;
      },
      { timeoutMs: 60_000, pollMs: CRAWL_POLL_MS, describe: () => `for the crawl\n${all(stack)}` },
    );
  }
});

function expectUnavailable(error: unknown): undefined {
  expect(error).toMatchObject({ status: 503, retryable: true });
}
