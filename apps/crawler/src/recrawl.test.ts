import { article, type Handler, type Page } from '@xnai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentId } from './scope/canonical-url.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});

afterAll(() => stack?.[Symbol.asyncDispose]());

let collection = '';
let runs = 0;
beforeEach(() => {
  runs += 1;
  collection = `site-${runs}`;
  for (const path of Object.keys(stack.site.pages)) delete stack.site.pages[path];
});

/** Crawls the site as it is after the given changes; `asked` are the pages that were requested. */
async function crawl(changes: Record<string, Page>, options: object = {}) {
  const { crawler, site } = stack;
  Object.assign(site.pages, changes);
  site.requests.length = 0;
  const id = await crawler.submit({ url: `${site.origin}/`, collection, sitemap: 'skip', ...options });
  const result = await crawler.finish(id);
  const asked = site.paths.filter((path) => !/robots\.txt|sitemap/.test(path));
  return { ...result, asked, pages: await crawler.pages(id) };
}

/** Paths of the pages that are documents. */
function kept(): string[] {
  const { documents } = stack.rag;
  const own = [...documents].filter(([key]) => key.startsWith(`${collection}/`));
  return own.map(([, { url = '' }]) => new URL(url).pathname).sort();
}

const site = (paths: readonly string[]) => ({
  '/': article('Home', paths),
  ...Object.fromEntries(paths.map((path) => [path, article(path)])),
});
const paths = (count: number) => Array.from({ length: count }, (_, n) => `/p${n}`);

/** A page with an ETag that answers 304 to whoever has it. */
function tagged(tag: string, body: string): Handler {
  return (request, response) => {
    const isKnown = request.headers['if-none-match'] === tag;
    response.writeHead(isKnown ? 304 : 200, { etag: tag, 'content-type': 'text/html' });
    response.end(isKnown ? undefined : body);
  };
}

describe('a second crawl', () => {
  it('forgets pages that are gone, and tells what it did', async () => {
    const noindex = { body: article('/p3'), headers: { 'x-robots-tag': 'noindex' } };
    expect(await crawl(site(paths(8)))).toMatchObject({ counters: { added: 9, changed: 0, removed: 0 } });
    const second = await crawl({
      '/p0': { status: 404 },
      '/p1': { status: 410 },
      '/p2': { status: 301, headers: { location: '/p7' } },
      '/p3': noindex,
      '/p4': '<title>Page not found</title><main><p>Sorry.</p></main>',
      '/p5': article('/p5', [], 'It is new.'),
      '/new': article('New'),
      '/': article('Home', [...paths(8), '/new']),
    });
    expect(second).toMatchObject({
      counters: { added: 1, changed: 2, unchanged: 2, removed: 5 },
      pages: {
        '/p0': { status: 'failed', reason: 'http-error', removed: true },
        '/p2': { finalUrl: `${stack.site.origin}/p7`, removed: true },
        '/p4': { status: 'skipped', reason: 'soft-404', removed: true },
      },
    });
    expect(second.warning).toBeUndefined();
    expect(kept()).toEqual(['/', '/new', '/p5', '/p6', '/p7']);
  });

  it('keeps what may come back', async () => {
    await crawl(site(paths(6)));
    const login = '<title>Sign in</title><form><input name=u><input type=password></form>';
    const second = await crawl({
      '/p0': { status: 500 },
      '/p1': { status: 302, headers: { location: '/account/login?next=/p1' } },
      '/account/login': login,
      '/p2': { status: 403 },
      '/p3': login,
      '/p4': { status: 302, headers: { location: 'https://login.example.org/?service=x' } },
    });
    expect(second).toMatchObject({ counters: { removed: 0 }, skippedBy: { 'login-wall': 2 } });
    expect(kept()).toEqual(['/', ...paths(6)]);
  }, 60_000);

  it('deletes what nothing leads to only when asked to, and only after it saw the whole site', async () => {
    await crawl(site(paths(6)));
    const smaller = { '/': article('Home', paths(5)) };
    expect(await crawl(smaller)).toMatchObject({ counters: { removed: 0 } });
    const limited = await crawl(smaller, { prune: true, limit: 3 });
    expect(limited).toMatchObject({ counters: { removed: 0 }, warning: expect.stringContaining('"limit"') });
    const failing = await crawl({ '/p1': { status: 403 } }, { prune: true });
    expect(failing).toMatchObject({ counters: { removed: 0 }, warning: expect.stringContaining('1 pages') });
    const pruned = await crawl({ '/p1': article('/p1') }, { prune: true });
    expect(pruned).toMatchObject({
      counters: { removed: 1 },
      pages: { '/p5': { status: 'skipped', reason: 'unreachable', removed: true } },
    });
    expect(kept()).toEqual(['/', ...paths(5)]);
  });

  it('deletes nothing for want of a link while a sitemap cannot be read, and names it', async () => {
    const map = `<urlset><url><loc>${stack.site.origin}/mapped</loc></url></urlset>`;
    await crawl(
      { '/': article('Home'), '/mapped': article('Mapped'), '/sitemap.xml': map },
      { sitemap: 'include' },
    );
    const failing = await crawl({ '/sitemap.xml': { status: 503 } }, { sitemap: 'include', prune: true });
    const cause = `${stack.site.origin}/sitemap.xml: the server answered with status 503`;
    expect(failing).toMatchObject({ counters: { removed: 0 }, warning: expect.stringContaining(cause) });
    expect(kept()).toEqual(['/', '/mapped']);
    const without = await crawl({ '/sitemap.xml': { status: 404 } }, { sitemap: 'include', prune: true });
    expect(without).toMatchObject({ counters: { removed: 1 } });
    expect(without.warning).toBeUndefined();
  });

  it('prunes nothing that lies outside of its scope', async () => {
    await crawl({ ...site(['/a/1', '/b/1']), '/a/': article('A', ['/a/1']) }, { crawlEntireDomain: true });
    await crawl({ '/a/': article('A again') }, { url: `${stack.site.origin}/a/`, prune: true });
    expect(kept()).toEqual(['/', '/a/', '/b/1']);
  });

  it('deletes nothing when more than 30 % of a site would go, and says so', async () => {
    await crawl(site(paths(19)));
    const missing = Object.fromEntries(paths(7).map((path) => [path, { status: 404 }]));
    const second = await crawl(missing);
    expect(second).toMatchObject({
      counters: { removed: 0 },
      warning: expect.stringContaining('7 of the 20'),
    });
    expect(kept()).toHaveLength(20);
    const third = await crawl({ '/p6': article('/p6') });
    expect(third).toMatchObject({ counters: { removed: 6 } });
    expect(kept()).toHaveLength(14);
  });

  it('asks only whether pages have changed, and follows the links of those that have not', async () => {
    const pages = {
      '/': tagged('"h1"', article('Home', ['/one', '/two'])),
      '/one': tagged('W/"1"', article('One', ['/hidden'])),
      '/two': tagged('"2"', article('Two')),
      '/hidden': tagged('"x"', article('Hidden')),
    };
    expect(await crawl(pages)).toMatchObject({ counters: { added: 4 } });
    const second = await crawl({ '/two': tagged('"3"', article('Two', [], 'It is new.')) }, { prune: true });
    expect(second).toMatchObject({
      status: 'completed',
      counters: { unchanged: 3, changed: 1, removed: 0, fetched: 4 },
      pages: { '/': { status: 'unchanged', httpStatus: 304 }, '/two': { httpStatus: 200 } },
    });
    expect(kept()).toHaveLength(4);
  });

  it('does not ask for pages of which the sitemap says that they have not changed', async () => {
    const dated = (date: string) => {
      const entry = (path: string, lastmod: string) =>
        `<url><loc>${stack.site.origin}${path}</loc><lastmod>${lastmod}</lastmod></url>`;
      return `<urlset>${entry('/one', '2020-01-01')}${entry('/two', date)}</urlset>`;
    };
    const options = { sitemap: 'only' };
    await crawl({ ...site(['/one', '/two']), '/sitemap.xml': dated('2020-01-01') }, options);
    const second = await crawl(
      { '/sitemap.xml': dated('2024-05-05'), '/two': article('Two', [], 'New.') },
      options,
    );
    expect(second).toMatchObject({ counters: { unchanged: 1, changed: 1 }, asked: ['/two'] });
  });

  it('takes pages with one text for one document, and keeps it when its first address goes', async () => {
    const same = article('Same');
    const first = await crawl({
      '/': article('Home', ['/dir/', '/dir/index.html', '/same?a=1']),
      '/dir/': same,
      '/dir/index.html': same,
      '/same?a=1': same,
    });
    expect(first).toMatchObject({ counters: { indexed: 2, skipped: 2 }, skippedBy: { duplicate: 2 } });
    expect(kept()).toHaveLength(2);
    const aliases = Object.values(first.pages).filter(({ reason }) => reason === 'duplicate');
    for (const { url, documentId: id } of aliases) expect(id).not.toBe(documentId(url));
    const again = await crawl({});
    expect(again).toMatchObject({ counters: { unchanged: 2, skipped: 2 }, skippedBy: { duplicate: 2 } });
  });

  it('deletes nothing while rag cannot say what it has, and says so', async () => {
    const { rag, crawler, site: web } = stack;
    await crawl(site(paths(3)));
    await rag.stop();
    Object.assign(web.pages, { '/p0': { status: 404 } });
    const id = await crawler.submit({ url: `${web.origin}/`, collection, sitemap: 'skip' });
    await crawler.until(id, ({ stopReason }) => stopReason !== null);
    await rag.start();
    const result = await crawler.finish(id);
    expect(result).toMatchObject({ counters: { removed: 0 }, warning: expect.stringContaining('rag') });
    expect(kept()).toHaveLength(4);
  }, 60_000);
});
