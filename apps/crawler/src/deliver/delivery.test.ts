import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { article, SELF_SIGNED } from '@xnai/testing';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

let stack: TestStack;

beforeEach(async () => {
  stack = await startTestStack();
  const links = Array.from({ length: 8 }, (_, i) => `/p${i}`);
  stack.site.pages['/'] = article('Home', links);
  for (const link of links) stack.site.pages[link] = article(link);
});

afterEach(() => stack?.[Symbol.asyncDispose]());

const submit = () => stack.crawler.submit({ url: `${stack.site.origin}/`, sitemap: 'skip' });

describe('delivery', () => {
  it('keeps the pages of a crawl while rag is away, says so, and brings each once it is back', async () => {
    const { crawler, rag } = stack;
    await rag.stop();
    const id = await submit();
    const waiting = await crawler.until(
      id,
      ({ degraded, counters }) => degraded.length > 0 && counters.queued === 0,
    );
    expect(waiting).toMatchObject({ status: 'running', degraded: ['rag'], finishedAt: null });
    expect(waiting.counters).toMatchObject({ fetched: 9, indexed: 0 });
    expect((await crawler.request('GET', '/readyz')).body).toMatchObject({
      status: 'degraded',
      degraded: ['rag'],
    });

    await rag.start();
    expect(await crawler.finish(id)).toMatchObject({
      status: 'completed',
      degraded: [],
      counters: { fetched: 9, indexed: 9, failed: 0 },
    });
    expect(rag.documents.size).toBe(9);
    expect([...rag.puts].sort()).toEqual([...new Set(rag.puts)].sort());
  });

  it('brings a page into a collection that is called as a field of the outbox is', async () => {
    const { crawler, rag, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/`, collection: 'body', limit: 1 });
    expect(await crawler.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    expect([...rag.documents.values()]).toEqual([expect.objectContaining({ title: 'Home' })]);
  });

  it('stops asking a rag that answers only with errors, by its breaker', async () => {
    const { crawler, rag } = stack;
    rag.mode = 'unavailable';
    const id = await submit();
    await crawler.until(id, ({ degraded, counters }) => degraded.length > 0 && counters.queued === 0);
    const until = performance.now() + 1000;
    const before = rag.puts.length;
    await crawler.until(id, () => performance.now() > until);
    // Six deliverers that try each second and retry once would have asked a dozen times by now.
    expect(rag.puts.length - before).toBeLessThanOrEqual(3);
    expect((await crawler.request('GET', '/readyz')).body.checks.rag).toMatchObject({ status: 'degraded' });

    rag.mode = 'ok';
    expect(await crawler.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 9 } });
    expect(rag.documents.size).toBe(9);
  });

  it('gives up a page that rag rejects, with the code that rag gave', async () => {
    const { crawler, rag } = stack;
    rag.mode = ({ title }) => (title === '/p3' ? 'DOCUMENT_NOT_READABLE' : undefined);
    const id = await submit();
    expect(await crawler.finish(id)).toMatchObject({
      status: 'completed_with_errors',
      counters: { fetched: 9, indexed: 8, failed: 1 },
    });
    expect(await crawler.errors(id)).toMatchObject([
      { status: 'failed', reason: 'rejected-by-rag', code: 'DOCUMENT_NOT_READABLE', httpStatus: 200 },
    ]);
  });

  it.each([
    ['UNAUTHORIZED', "rag refuses the crawler's key (401"],
    ['FORBIDDEN', "rag refuses the crawler's key (403"],
    ['NOT_FOUND', 'rag has no route for documents (404'],
    ['METHOD_NOT_ALLOWED', 'rag has no route for documents (405'],
  ] as const)('keeps the pages when rag answers %s, and /readyz says what to mend', async (code, detail) => {
    const { crawler, rag } = stack;
    rag.mode = () => code;
    const id = await submit();
    const waiting = await crawler.until(
      id,
      ({ degraded, counters }) => degraded.length > 0 && counters.queued === 0,
    );
    expect(waiting).toMatchObject({ status: 'running', degraded: ['rag'], counters: { failed: 0 } });
    expect((await crawler.request('GET', '/readyz')).body.checks.rag).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining(detail),
    });
    rag.mode = 'ok';
    expect(await crawler.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 9 } });
    expect((await crawler.request('GET', '/readyz')).body.checks.rag).toEqual({ status: 'ok' });
  });

  it('keeps the pages when the certificate of rag is not accepted, and another replica brings them', async () => {
    const server = createServer(SELF_SIGNED, (_request, response) => response.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    const { port } = server.address() as AddressInfo;
    const broken = await stack.addReplica({ CRAWL_RAG_URL: `https://127.0.0.1:${port}` });
    await stack.crawler[Symbol.asyncDispose]();
    const id = await broken.submit({ url: `${stack.site.origin}/`, sitemap: 'skip' });
    const waiting = await broken.until(
      id,
      ({ degraded, counters }) => degraded.length > 0 && counters.queued === 0,
    );
    expect(waiting).toMatchObject({ status: 'running', degraded: ['rag'], counters: { failed: 0 } });
    expect((await broken.request('GET', '/readyz')).body.checks.rag).toMatchObject({
      status: 'degraded',
    });
    const other = await stack.addReplica();
    await broken[Symbol.asyncDispose]();
    expect(await other.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 9 } });
  });

  it.each(['VALIDATION', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)(
    'fails a page alone when rag answers %s to it',
    async (code) => {
      const { crawler, rag } = stack;
      rag.mode = ({ title }) => (title === '/p3' ? code : undefined);
      expect(await crawler.finish(await submit())).toMatchObject({
        status: 'completed_with_errors',
        counters: { indexed: 8, failed: 1 },
      });
    },
  );

  it('lets a crawl wait when the outbox is full, and lets it go on', async () => {
    const { rag, redis, site } = stack;
    const small = await stack.addReplica({ CRAWL_OUTBOX_ENTRIES: '2' });
    await stack.crawler[Symbol.asyncDispose]();
    await rag.stop();
    const id = await small.submit({ url: `${site.origin}/`, sitemap: 'skip' });
    await small.until(id, ({ counters }) => counters.fetched === 2);
    const client = redis.client;
    expect(await client.xlen('xnai:crawl:outbox')).toBe(2);
    const hits = site.paths.length;
    const until = performance.now() + 700;
    await small.until(id, () => performance.now() > until);
    expect(await client.xlen('xnai:crawl:outbox')).toBe(2);
    // No more than what was under way already.
    expect(site.paths.length - hits).toBeLessThanOrEqual(10);
    await rag.start();
    expect(await small.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 9 } });
    expect(await client.get('xnai:crawl:outbox-bytes')).toBe('0');
  });

  it('takes over the pages of a replica that is gone', async () => {
    const { crawler, rag } = stack;
    rag.mode = 'hang';
    const id = await submit();
    await crawler.until(id, ({ counters }) => counters.fetched === 9);
    // Its connections are cut and it never says that it goes: as after a crash.
    await crawler[Symbol.asyncDispose]();
    rag.mode = 'ok';
    const other = await stack.addReplica();
    expect(await other.finish(id)).toMatchObject({ status: 'completed', counters: { indexed: 9 } });
    expect(rag.documents.size).toBe(9);
  }, 40_000);
});
