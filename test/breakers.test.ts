import { spawnSync } from 'node:child_process';
import { commandOf, descendantsOf, startSite, type TestSite, waitUntil } from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CRAWL_POLL_MS } from './support/api.ts';
import { all, type Stack, startStack } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const PAGE = '<main><h1>Buoys</h1><p>The buoys of the fairway flash every nine seconds.</p></main>';

describe.skipIf(!hasRedis)('breakers, as an operator has them', { timeout: 90_000 }, () => {
  let site: TestSite;
  let stack: Stack;

  beforeAll(async () => {
    site = await startSite((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    });
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });

  it('of both services are listed, with the memory of this machine, and counted in the metrics', async () => {
    const { rag, crawler, metrics: readMetrics } = stack.api;
    for (const { client, url, names } of [
      {
        client: rag,
        url: stack.ragUrl,
        names: ['answer-cache', 'crawler', 'embed', 'generate', 'rerank', 'store'],
      },
      { client: crawler, url: stack.crawlerUrl, names: ['dns', 'rag-health', 'rag-ingest', 'redis'] },
    ]) {
      const readingsNow = async () =>
        (await client.breakers()).resources.flatMap((resource) => resource.readings);
      expect((await client.breakers()).breakers.map(({ name }) => name).sort()).toEqual(names);
      // Unknown until it was first looked at with Redis there.
      await expect.poll(readingsNow, { timeout: 20_000 }).toContainEqual(
        expect.objectContaining({
          source: 'redis',
          level: 'ok',
          detail: expect.stringContaining('256 MiB'),
        }),
      );
      const readings = await readingsNow();
      expect(readings.map(({ source }) => source)).toEqual(
        expect.arrayContaining(['cgroup', 'pressure', 'redis']),
      );
      const metrics = await readMetrics(url);
      for (const name of names) expect(metrics).toContain(`resilience_breaker_state{name="${name}"`);
      expect(metrics).toContain('resilience_store_up 1');
    }
  });

  it('stay as ordered when Redis is killed and comes back empty, and let go when told to', async () => {
    const { crawler } = stack.api;
    const isolated = await crawler.isolateBreaker('rag-ingest', { reason: 'rag is moved' });
    expect(isolated).toMatchObject({
      state: 'isolated',
      reached: 'fleet',
      forced: { reason: 'rag is moved' },
    });
    const { orders } = await crawler.breakerOrders();
    expect(orders).toMatchObject([
      { breaker: 'crawler:rag-ingest', action: 'isolate', reason: 'rag is moved' },
    ]);

    process.kill(redisOf(stack), 'SIGKILL');
    await waitUntil('Redis is started again', () =>
      stack.output().includes('redis ended (signal SIGKILL); starting it again'),
    );
    await waitUntil(
      'the crawler sees that Redis is down',
      async () => (await stack.api.crawler.readiness()).checks['redis']?.status === 'down',
    );
    await waitUntil('both services have Redis again', async () => {
      const checks = await Promise.all([stack.api.rag.readiness(), stack.api.crawler.readiness()]);
      return checks.every(({ degraded }) => !degraded.includes('redis'));
    });
    expect(await stateOf('rag-ingest')).toBe('isolated');

    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/`, sitemap: 'skip' });
    const waiting = await waitUntil(
      'the crawl waits for rag',
      async () => {
        const crawl = await stack.api.crawler.getCrawl(id);
        return crawl.degraded.includes('rag') && crawl;
      },
      { pollMs: CRAWL_POLL_MS },
    );
    expect(waiting).toMatchObject({ status: 'running', counters: { fetched: 1, indexed: 0 } });

    const reset = await crawler.resetBreaker('rag-ingest', { reason: 'rag is there' });
    expect(reset).toMatchObject({ state: 'closed', reached: 'fleet' });
    expect(await stack.api.endedCrawl(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
  });

  async function stateOf(breaker: string): Promise<string | undefined> {
    const { breakers } = await stack.api.crawler.breakers();
    return breakers.find(({ name }) => name === breaker)?.state;
  }
});

function redisOf(stack: Stack): number {
  const pid = descendantsOf(stack.pid).find((child) => commandOf(child).includes('redis-server'));
  if (pid === undefined) throw new Error('the stack has no Redis of its own');
  return pid;
}
