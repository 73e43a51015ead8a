import { spawnSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import {
  article,
  commandOf,
  descendantsOf,
  type Handler,
  type Page,
  startSite,
  type TestSite,
  waitUntil,
} from '@xnai/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CRAWL_POLL_MS } from './support/api.ts';
import { all, makeDataFolder, type Stack, startStack } from './support/stack.ts';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
const PAGES = 14;
const paths = Array.from({ length: PAGES }, (_, n) => `/page${n}`);

describe.skipIf(!hasRedis)('a site that changes', { timeout: 120_000 }, () => {
  let site: TestSite;
  let stack: Stack;
  let dataDir: string;
  const start = () => startStack({ dataDir, env: { CRAWL_ALLOWED_ORIGINS: site.origin } });

  beforeAll(async () => {
    site = await startSite();
    dataDir = await makeDataFolder();
    stack = await start();
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') console.log(all(stack));
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true });
  });

  function change(pages: Record<string, Page>): void {
    Object.assign(site.pages, pages);
    site.requests.length = 0;
  }

  const submit = (more: object = {}) =>
    stack.api.crawler.submitCrawl({ url: `${site.origin}/`, sitemap: 'skip', render: 'never', ...more });

  async function kept(): Promise<string[]> {
    const { documents } = await stack.api.rag.listDocuments('default', { limit: 1000 });
    return documents.map(({ url }) => new URL(url ?? '').pathname).sort();
  }

  it('is one document for each text, with the other addresses as its aliases', async () => {
    const same = tagged('"same"', article('The same'));
    change({
      '/': tagged('"home"', article('Home', [...paths, '/same?from=home', '/same', '/same/index.html'])),
      ...Object.fromEntries(paths.map((path) => [path, tagged(`"${path}"`, article(path))])),
      '/same': same,
      '/same/index.html': same,
    });
    const { id } = await submit();
    expect(await stack.api.endedCrawl(id)).toMatchObject({
      status: 'completed',
      counters: { added: PAGES + 2, skipped: 2, removed: 0 },
      skippedBy: { duplicate: 2 },
    });
    expect(await kept()).toEqual(['/', ...paths, '/same'].sort());
    const { documents } = await stack.api.rag.listDocuments('default');
    const document = documents.find(({ url }) => url === `${site.origin}/same`);
    const { aliases } = await stack.api.rag.getDocument('default', document?.id ?? '');
    expect(aliases.sort()).toEqual([`${site.origin}/same/index.html`, `${site.origin}/same?from=home`]);
  });

  it('is asked only for what is new, also after everything was killed', async () => {
    await stack.end('SIGKILL');
    stack = await start();
    change({ '/page3': tagged('"new"', article('/page3', [], 'A narwhal was seen here.')) });
    const { id } = await submit();
    expect(await stack.api.endedCrawl(id)).toMatchObject({
      counters: { added: 0, changed: 1, unchanged: PAGES + 1, removed: 0 },
      skippedBy: { duplicate: 2 },
    });
    expect(await stack.api.rag.query({ query: 'What was seen at page3?' })).toMatchObject({
      answer: expect.stringContaining('narwhal'),
    });
  });

  it('is forgotten page by page, each once, though the crawler is killed over it', async () => {
    change({
      '/page3': { status: 404 },
      '/page4': { status: 301, headers: { location: '/page5' } },
      '/same': { status: 410 },
      '/page6': { status: 503 },
    });
    const { id } = await submit({ delay: 0.1, prune: true });
    await waitUntil(
      'the crawl is under way',
      async () => (await stack.api.crawler.getCrawl(id)).counters.fetched > 5,
      { pollMs: CRAWL_POLL_MS },
    );
    const crawler = descendantsOf(stack.pid).find((pid) =>
      commandOf(pid).includes('apps/crawler/src/main.ts'),
    );
    process.kill(crawler ?? 0, 'SIGKILL');
    const crawl = await waitUntil(
      'the crawl has ended',
      async () => {
        const found = await stack.api.crawler.getCrawl(id).catch(() => undefined);
        return found?.finishedAt ? found : undefined;
      },
      { timeoutMs: 90_000, pollMs: CRAWL_POLL_MS },
    );
    expect(crawl).toMatchObject({
      // The site answers for /same whatever is behind the question mark.
      counters: { removed: 4, failed: 4 },
      warning: expect.stringContaining('prune was left out'),
    });
    const gone = ['/page3', '/page4', '/same'];
    const rest = ['/', ...paths, '/same'].filter((path) => !gone.includes(path));
    // An alias has taken the place of the address that went.
    expect((await kept()).filter((path) => !path.startsWith('/same'))).toEqual(rest.sort());
    expect((await kept()).filter((path) => path.startsWith('/same'))).toHaveLength(1);
    const answer = await stack.api.rag.query({ query: 'What was seen at page3?' });
    expect(answer.answer).not.toContain('narwhal');
  });
});

/** A page with an ETag that answers 304 to whoever has it. */
function tagged(tag: string, body: string): Handler {
  return (request, response) => {
    const isKnown = request.headers['if-none-match'] === tag;
    response.writeHead(isKnown ? 304 : 200, { etag: tag, 'content-type': 'text/html' });
    response.end(isKnown ? undefined : body);
  };
}
