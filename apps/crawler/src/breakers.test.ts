import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TEXT_DOCUMENT_TYPE } from '@xnai/contracts';
import { ClientError, createRagClient } from '@xnai/contracts/client';
import { openNodeTransport } from '@xnai/contracts/node-transport';
import { FetchError } from '@xnai/egress';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Breakers, createBreakers } from './breakers.ts';
import { guardRag } from './deliver/guarded-rag.ts';
import { checkUrl } from './jobs/submit.ts';
import { createApiGuard } from './redis/api-guard.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

const CALLS = 12;
const ENTRY = {
  entryId: '1-1',
  crawlId: 'c',
  url: 'u',
  documentId: 'd',
  collection: 'c',
  body: '{"document":{}}',
};
const { signal } = new AbortController();

/** Not started: each breaker judges by itself. */
function alone(): Breakers {
  const logger = { info: () => {}, warn: () => {} };
  const breakers = createBreakers({ logger, redisUrl: 'unix:///nonexistent' });
  onTestFinished(() => breakers.close());
  return breakers;
}

/** What came of each call: its value, or the code of its error. */
async function outcomes(call: () => Promise<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let n = 0; n < CALLS; n++) all.push(await call().catch((error) => error.code ?? error.message));
  return all;
}

describe('redis', () => {
  it('asks a Redis that fails five times, then answers at once that it is away', async () => {
    let asked = 0;
    const guard = createApiGuard(alone().get('redis'));
    const answers = await outcomes(() =>
      guard(async () => {
        asked += 1;
        throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      }),
    );
    expect(asked).toBe(5);
    expect(answers).toEqual(Array(CALLS).fill('REDIS_UNAVAILABLE'));
  });
});

describe('dns', () => {
  it('asks a resolver that fails five times, then takes names unchecked: the crawl checks them again', async () => {
    let asked = 0;
    const check = async () => {
      asked += 1;
      throw Object.assign(new Error('no resolver'), { code: 'ESERVFAIL' });
    };
    const deps = { fetcher: { check }, dns: alone().get('dns') };
    expect(await outcomes(() => checkUrl(deps, 'http://a.example/', signal))).toEqual(
      Array(CALLS).fill(undefined),
    );
    expect(asked).toBe(5);
  });

  it('is not opened by targets that are refused', async () => {
    let asked = 0;
    const check = async () => {
      asked += 1;
      throw new FetchError('not-public');
    };
    const deps = { fetcher: { check }, dns: alone().get('dns') };
    expect(await outcomes(() => checkUrl(deps, 'http://10.0.0.1/', signal))).toEqual(
      Array(CALLS).fill('TARGET_NOT_PUBLIC'),
    );
    expect(asked).toBe(CALLS);
  });
});

describe('rag-health and rag-ingest', () => {
  let server: Server;
  const asked: Record<string, number> = {};
  function guardedRag(breakers: Breakers, at = server) {
    const baseUrl = `http://127.0.0.1:${(at.address() as AddressInfo).port}`;
    const transport = openNodeTransport(baseUrl, 1);
    onTestFinished(() => transport[Symbol.dispose]());
    return guardRag({
      client: createRagClient({ baseUrl, transport }),
      ingest: breakers.pipeline('rag-ingest'),
      health: breakers.pipeline('rag-health'),
      putMs: 30_000,
    });
  }

  beforeAll(async () => {
    server = createServer((request) => {
      const method = request.method ?? '';
      asked[method] = (asked[method] ?? 0) + 1;
      request.socket.destroy();
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it('ask a rag that hangs up three times for its health, then say at once that it is away', async () => {
    const rag = guardedRag(alone());
    const answers = await outcomes(() => rag.ping(signal));
    expect(asked['GET']).toBe(3);
    expect(answers.slice(3)).toEqual(Array(CALLS - 3).fill('BREAKER_OPEN'));
  });

  it('ask it five times to take a document', async () => {
    const rag = guardedRag(alone());
    const answers = await outcomes(() => rag.put(ENTRY, signal));
    expect(asked['PUT']).toBe(5);
    expect(answers.slice(5)).toEqual(Array(CALLS - 5).fill('BREAKER_OPEN'));
  });

  it('put a page that an earlier release has read as that release did', async () => {
    const types: (string | undefined)[] = [];
    const result = { id: 'd', collection: 'c', status: 'indexed', chunks: 1, content_hash: 'h' };
    const taker = createServer((request, response) => {
      types.push(request.headers['content-type']);
      request.resume().on('end', () => response.writeHead(201).end(JSON.stringify(result)));
    });
    await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taker.close());
    const rag = guardedRag(alone(), taker);
    await rag.put({ ...ENTRY, body: '{"content":"# Pump","content_type":"text/markdown"}' }, signal);
    await rag.put(ENTRY, signal);
    expect(types).toEqual(['application/json', TEXT_DOCUMENT_TYPE]);
  });

  it.each([
    ['counts', 'DEADLINE_EXCEEDED', 504, 5],
    ['does not count', 'DOCUMENT_NOT_READABLE', 422, CALLS],
  ])('%s an answer with %s', async (_, code, status, expected) => {
    let puts = 0;
    const put = async () => {
      puts += 1;
      throw new ClientError('PUT /', { code, status, detail: '' });
    };
    const client = {
      liveness: async () => ({ status: 'ok' as const }),
      deliverDocument: put,
      putDocument: put,
      deleteDocument: put,
      listAddresses: put,
      getAddress: put,
      getDocument: put,
    };
    const breakers = alone();
    const [ingest, health] = [breakers.pipeline('rag-ingest'), breakers.pipeline('rag-health')];
    const rag = guardRag({ client, ingest, health, putMs: 30_000 });
    await outcomes(() => rag.put(ENTRY, signal));
    expect(puts).toBe(expected);
  });
});

describe('in the service', { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack({ variables: { CRAWL_CONCURRENCY: '3' } });
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('host: a host that fails is asked eight times by scrapes, then its pages are refused at once', async () => {
    const { crawler, site } = stack;
    site.pages['/broken'] = { status: 500 };
    const body = { url: `${site.origin}/broken`, render: 'never' };
    const scrape = () => crawler.request('POST', '/v1/scrape', { body });
    const asked = [
      ...(await Promise.all(Array.from({ length: 4 }, scrape))),
      ...(await Promise.all(Array.from({ length: 4 }, scrape))),
    ];
    expect(asked.map((answer) => answer.body.code)).toEqual(Array(8).fill('PAGE_NOT_FETCHED'));
    const afterwards = [await scrape(), await scrape()];
    expect(site.paths.filter((path) => path === '/broken')).toHaveLength(8);
    for (const refused of afterwards) {
      expect(refused).toMatchObject({ status: 503, body: { code: 'BREAKER_OPEN' } });
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    }
  });

  it('host: an operator closes it, and the sitemaps of a host that fails are asked for eight times', async () => {
    const { crawler, site } = stack;
    const name = `host:${new URL(site.origin).host}`;
    const reset = () =>
      crawler.request('POST', `/v1/breakers/${name}/reset`, { body: { reason: 'it is repaired' } });
    expect((await reset()).body).toMatchObject({ name, state: 'closed', reached: 'fleet' });
    expect(await reset()).toMatchObject({ status: 404 });
    const names = Array.from({ length: 30 }, (_, i) => `/map${i}.xml`);
    site.pages['/robots.txt'] = names.map((name) => `Sitemap: ${site.origin}${name}\n`).join('');
    for (const name of names) site.pages[name] = { status: 500 };
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'only' });
    expect(await crawler.finish(id)).toMatchObject({ counters: { fetched: 0 } });
    expect(site.paths.filter((path) => path.startsWith('/map'))).toHaveLength(8);
    expect(await reset()).toMatchObject({ status: 200 });
  });

  it('are these, and each has a test here', async () => {
    const { breakers } = (await stack.crawler.request('GET', '/v1/breakers')).body;
    expect(breakers.map(({ name }: { name: string }) => name).sort()).toEqual([
      'dns',
      'rag-health',
      'rag-ingest',
      'redis',
    ]);
  });

  it('rag-ingest is shared: held open at one replica, nothing is delivered by any until another lets go', async () => {
    const { crawler, rag, site } = stack;
    const other = await stack.addReplica();
    const order = (at: typeof crawler, what: string) =>
      at.request('POST', `/v1/breakers/rag-ingest/${what}`, { body: { reason: 'rag is moved' } });
    const stateAt = async (at: typeof crawler) =>
      (await at.request('GET', '/v1/breakers')).body.breakers.find(
        ({ name }: { name: string }) => name === 'rag-ingest',
      ).state;

    expect((await order(crawler, 'isolate')).body).toMatchObject({ state: 'isolated', reached: 'fleet' });
    await expect.poll(() => stateAt(other), { timeout: 20_000 }).toBe('isolated');
    site.pages['/robots.txt'] = '';
    site.pages['/'] = '<main><h1>Moved</h1><p>This page waits for rag, which is on its way.</p></main>';
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' });
    await crawler.until(id, ({ counters, degraded }) => counters.fetched === 1 && degraded.includes('rag'));
    expect(rag.puts).toEqual([]);

    expect((await order(other, 'reset')).body).toMatchObject({ state: 'closed', reached: 'fleet' });
    expect(await crawler.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    const { orders } = (await other.request('GET', '/v1/breakers/orders')).body;
    expect(orders.slice(0, 2).map(({ action, reason }: Record<string, string>) => [action, reason])).toEqual([
      ['reset', 'rag is moved'],
      ['isolate', 'rag is moved'],
    ]);
  });

  it('/metrics and /readyz have the figures of all of them', async () => {
    const { crawler } = stack;
    const { body } = await crawler.app.inject({
      url: '/metrics',
      headers: { authorization: `Bearer ${crawler.key}` },
    });
    for (const name of ['redis', 'rag-ingest', 'rag-health', 'dns']) {
      expect(body).toMatch(
        new RegExp(`resilience_breaker_state\\{name="${name}",scope="\\w+",state="closed"\\} 1`),
      );
    }
    expect(body).toContain('crawl_active');
    expect(body).toContain('resilience_store_up 1');
    // A look at Redis that is late on a busy machine is told as it is, until the next one.
    await expect
      .poll(async () => (await crawler.request('GET', '/readyz')).body.checks, { timeout: 20_000 })
      .toMatchObject({
        redis: { status: 'ok' },
        breakers: { detail: { states: { 'rag-ingest': 'closed' }, view_age_ms: expect.any(Number) } },
      });
  });
});
