import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSite, type TestSite } from '@xnai/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EVERY_KIND } from './support/every-kind.ts';
import { REACHABLE_PAGES, SMALL_SITE } from './support/small-site.ts';
import { all, type Stack, startStack, TEST_KEY } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe('a small site, crawled and asked', { timeout: 90_000 }, () => {
  let site: TestSite;
  let stack: Stack;

  beforeAll(async () => {
    site = await startSite({ ...SMALL_SITE });
    stack = await startStack({ env: { CRAWL_ALLOWED_ORIGINS: site.origin } });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
  });

  it('indexes every page that can be reached, and says what it could not have', async () => {
    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/` });
    const crawl = await stack.api.endedCrawl(id);
    expect(crawl).toMatchObject({
      status: 'completed_with_errors',
      stopReason: 'exhausted',
      counters: { indexed: REACHABLE_PAGES, unchanged: 0, failed: 1 },
      degraded: [],
    });
    const { documents } = await stack.api.rag.listDocuments('default');
    expect(documents.map(({ url }) => new URL(url ?? '').pathname).sort()).toEqual(
      Object.keys(SMALL_SITE)
        .filter((path) => path !== '/not-linked.html')
        .sort(),
    );
    expect(await stack.api.rag.getCollection('default')).toMatchObject({ documents: REACHABLE_PAGES });
  });

  it.each([
    ['How often does the bosun inspect the shrouds?', '/rigging.html', 'eleven days'],
    ['How much does the fresh water tank hold?', '/galley.html', '3400 litres'],
    ['What is the Sunday dish made of?', '/galley/recipes.html', 'salted cod'],
    ['How long must the cylinders be preheated?', '/engine.html', 'forty seconds'],
  ])('answers %j from %s', async (question, path, phrase) => {
    const answer = await stack.api.rag.query({ query: question });
    expect(answer).toMatchObject({ mode: 'extractive', degraded: expect.any(Array) });
    expect(answer.answer).toContain(phrase);
    const cited = answer.citations.filter(({ index }) => answer.answer.includes(`[${index}]`));
    expect(cited.map(({ url }) => url)).toContain(`${site.origin}${path}`);
    expect(cited.every(({ verified }) => verified)).toBe(true);
  });

  it('says that it knows nothing about what no page tells', async () => {
    const answer = await stack.api.rag.query({ query: 'Which enzyme splits lactose in mammals?' });
    expect(answer).toMatchObject({ mode: 'none', citations: [] });
    expect((await stack.api.rag.query({ query: 'Who hid the treasure chest?' })).answer).not.toContain(
      'treasure chest',
    );
  });

  it('quotes what stands in the stored text at the offsets given', async () => {
    const { citations } = await stack.api.rag.query({
      query: 'How often does the bosun inspect the shrouds?',
    });
    const [citation] = citations;
    const { text } = await stack.api.rag.getDocument('default', citation?.document_id ?? '');
    expect(text.slice(citation?.start, citation?.end)).toBe(citation?.quote);
  });

  it('stores the same text and blocks for a page that is crawled and for its bytes when they are put', async () => {
    site.pages['/kinds.html'] = EVERY_KIND;
    const { api, ragUrl } = stack;
    const { id } = await api.crawler.submitCrawl({
      url: `${site.origin}/kinds.html`,
      collection: 'kinds',
      limit: 1,
    });
    expect(await api.endedCrawl(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    const put = await fetch(`${ragUrl}/v1/collections/kinds/documents/put`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'text/html' },
      body: EVERY_KIND,
    });
    expect(put.status).toBe(201);
    const { documents } = await api.rag.listDocuments('kinds');
    const [crawled, sent] = await Promise.all(
      documents
        .toSorted((a, b) => (a.id === 'put' ? 1 : 0) - (b.id === 'put' ? 1 : 0))
        .map((document) => api.rag.getDocument('kinds', document.id)),
    );
    expect(sent?.id).toBe('put');
    expect(new Set(sent?.blocks.map(({ kind }) => kind))).toEqual(
      new Set(['heading', 'paragraph', 'item', 'row', 'code', 'definition', 'quote']),
    );
    for (const part of ['text', 'blocks', 'tables', 'anchors', 'losses', 'inline', 'language'] as const)
      expect(crawled?.[part], part).toEqual(sent?.[part]);
  });

  it('finds all pages unchanged the second time', async () => {
    const { id } = await stack.api.crawler.submitCrawl({ url: `${site.origin}/` });
    expect((await stack.api.endedCrawl(id)).counters).toMatchObject({
      indexed: 0,
      unchanged: REACHABLE_PAGES,
    });
    expect(await stack.api.rag.getCollection('default')).toMatchObject({ documents: REACHABLE_PAGES });
  });

  it.skipIf(!hasRedis)('asks Redis for nothing that its users may not have', async () => {
    const redis = new Redis(readFileSync(findLogin(stack.pid, 'monitor/redis-url'), 'utf8').trim());
    const denied = (await redis.call('acl', 'log')) as unknown[];
    redis.disconnect();
    expect(denied).toEqual([]);
  });
});

/** A file in the folder that the stack keeps its secrets in. */
function findLogin(pid: number, path: string): string {
  const bases = [process.env['XDG_RUNTIME_DIR'] ?? '', '/dev/shm', tmpdir()];
  const folders = bases
    .filter((base) => existsSync(base))
    .flatMap((base) => readdirSync(base).map((name) => join(base, name)));
  const folder = folders.find((name) => name.includes(`/xnai-start-${pid}-`));
  return join(folder ?? '', path);
}
