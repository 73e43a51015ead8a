import { gzipSync } from 'node:zlib';
import { article, type Page, startSite } from '@xnai/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { documentId } from './scope/canonical-url.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
});

afterAll(() => stack?.[Symbol.asyncDispose]());

beforeEach(() => {
  for (const path of Object.keys(stack.site.pages)) delete stack.site.pages[path];
  stack.site.requests.length = 0;
});

/** Crawls the given pages to the end. */
async function crawl(pages: Record<string, Page>, options: object = {}) {
  Object.assign(stack.site.pages, pages);
  const { crawler, site } = stack;
  const id = await crawler.submit({
    url: `${site.origin}/`,
    collection: 'site',
    sitemap: 'skip',
    ...options,
  });
  const crawl = await crawler.finish(id);
  return { ...crawl, pages: await crawler.pages(id), errors: await crawler.errors(id) };
}

function pageHits(): string[] {
  return stack.site.paths.filter((path) => path !== '/robots.txt' && path !== '/sitemap.xml');
}

describe('a crawl', () => {
  it('makes every reachable page the document of its URL', async () => {
    const { origin } = stack.site;
    const { pages, ...result } = await crawl(
      {
        '/docs/': article('Start', ['a.html', 'b.html#part', 'missing.html', 'https://example.org/']),
        '/docs/a.html': article('Apples', ['b.html', './']),
        '/docs/b.html': article('Bananas', ['a.html']),
      },
      { url: `${origin}/docs/`, collection: 'fruit' },
    );
    expect(result).toMatchObject({
      status: 'completed_with_errors',
      stopReason: 'exhausted',
      counters: { discovered: 5, queued: 0, fetched: 3, indexed: 3, unchanged: 0, skipped: 1, failed: 1 },
      skippedBy: { scope: 1 },
    });
    expect(result.errors).toMatchObject([
      { url: `${origin}/docs/missing.html`, status: 'failed', reason: 'http-error', httpStatus: 404 },
    ]);
    const id = documentId(`${origin}/docs/a.html`);
    expect(pages['/docs/a.html']).toMatchObject({
      status: 'indexed',
      documentId: id,
      depth: 1,
      httpStatus: 200,
    });
    expect(stack.rag.documents.get(`fruit/${id}`)).toMatchObject({
      document: { text: expect.stringContaining('All about Apples.'), blocks: expect.any(Array) },
      content_type: 'text/html',
      title: 'Apples',
      url: `${origin}/docs/a.html`,
      metadata: { crawlId: result.id, fetchedAt: expect.any(String), trust: 'web' },
    });
  });

  it('finds an unchanged site unchanged', async () => {
    const pages = { '/': article('Home', ['/one', '/two']), '/one': article('One'), '/two': article('Two') };
    expect(await crawl(pages, { collection: 'again' })).toMatchObject({
      counters: { indexed: 3, unchanged: 0 },
    });
    const second = await crawl({ '/two': article('Two', [], 'It is new.') }, { collection: 'again' });
    expect(second).toMatchObject({ status: 'completed', counters: { indexed: 1, unchanged: 2 } });
    expect(second.pages['/two']).toMatchObject({ status: 'indexed' });
  });

  it('fetches no more pages than its limit, and names the rest', async () => {
    const links = Array.from({ length: 20 }, (_, i) => `/p${i}`);
    const result = await crawl(
      { '/': article('Home', links), ...Object.fromEntries(links.map((link) => [link, article(link)])) },
      { limit: 5 },
    );
    expect(result).toMatchObject({
      status: 'completed',
      stopReason: 'limit',
      counters: { discovered: 21, queued: 0, fetched: 5, indexed: 5, skipped: 16, failed: 0 },
      skippedBy: { limit: 16 },
    });
    expect(pageHits()).toHaveLength(5);
    expect(Object.values(result.pages).filter(({ reason }) => reason === 'limit')).toHaveLength(16);
  });

  it('says of each URL left out which of its rules left it out', async () => {
    const result = await crawl(
      {
        '/robots.txt': {
          body: 'User-agent: *\nDisallow: /private/',
          headers: { 'content-type': 'text/plain' },
        },
        '/': article('Home', ['/private/x', '/old/y', '/deep', '/picture.png', '/hidden']),
        '/deep': article('Deep', ['/deeper']),
        '/picture.png': { body: 'PNG', headers: { 'content-type': 'image/png' } },
        '/hidden': article('Hidden').replace('<head>', '<head><meta name="robots" content="noindex">'),
      },
      { excludePaths: ['^/old/'], maxDiscoveryDepth: 1 },
    );
    const reasons = Object.fromEntries(
      Object.entries(result.pages).map(([path, { reason }]) => [path, reason]),
    );
    expect(reasons).toEqual({
      '/': undefined,
      '/private/x': 'robots',
      '/old/y': 'filtered',
      '/deep': undefined,
      '/deeper': 'depth',
      '/picture.png': 'content-type',
      '/hidden': 'robots',
    });
    expect(result).toMatchObject({
      status: 'completed',
      stopReason: 'depth',
      skippedBy: { robots: 2, filtered: 1, depth: 1, 'content-type': 1 },
    });
    expect(pageHits()).not.toContain('/private/x');
  });

  it('takes robots.txt that answers 503 for a no', async () => {
    const result = await crawl({ '/robots.txt': { status: 503 }, '/': article('Home') });
    expect(result).toMatchObject({
      status: 'failed',
      stopReason: 'robots',
      counters: { fetched: 0, skipped: 1 },
      skippedBy: { 'robots-unreachable': 1 },
    });
    expect(pageHits()).toEqual([]);
  });

  it('keeps the delay that robots.txt asks for', async () => {
    await crawl({
      '/robots.txt': { body: 'User-agent: *\nCrawl-delay: 0.2', headers: { 'content-type': 'text/plain' } },
      '/': article('Home', ['/one', '/two', '/three']),
      '/one': article('One'),
      '/two': article('Two'),
      '/three': article('Three'),
    });
    const times = stack.site.requests.map(({ atMs }) => atMs).slice(1);
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    expect(gaps).toHaveLength(3);
    for (const gap of gaps) expect(gap).toBeGreaterThan(150);
  });

  it('reads sitemaps, even one that includes itself', async () => {
    const { origin } = stack.site;
    const xml = { 'content-type': 'application/xml' };
    const pages = {
      '/sitemap.xml': {
        headers: xml,
        body: `<sitemapindex><sitemap><loc>${origin}/sitemap.xml</loc></sitemap>
<sitemap><loc>${origin}/pages.xml</loc></sitemap></sitemapindex>`,
      },
      '/pages.xml': {
        headers: xml,
        body: `<urlset><url><loc>${origin}/lonely</loc></url><url><loc>${origin}/</loc></url></urlset>`,
      },
      '/': article('Home', ['/linked']),
      '/lonely': article('Lonely'),
      '/linked': article('Linked'),
    };
    const included = await crawl(pages, { sitemap: 'include' });
    expect(Object.keys(included.pages).sort()).toEqual(['/', '/linked', '/lonely']);
    const only = await crawl(pages, { sitemap: 'only' });
    expect(Object.keys(only.pages).sort()).toEqual(['/', '/lonely']);
    expect(only).toMatchObject({ status: 'completed', counters: { unchanged: 2 } });
  });

  it('follows a start URL that has moved, and refuses redirects without end or out of scope', async () => {
    const { origin } = stack.site;
    const to = (location: string) => ({ status: 302, headers: { location } });
    const result = await crawl(
      {
        '/start': to('/en/docs/'),
        '/en/docs/': article('Docs', ['loop', 'away', 'page', '/start']),
        '/en/docs/loop': to('/en/docs/loop2'),
        '/en/docs/loop2': to('/en/docs/loop'),
        '/en/docs/away': to('https://example.org/'),
        '/en/docs/page': article('Page'),
      },
      { url: `${origin}/start` },
    );
    expect(result.pages['/start']).toMatchObject({
      status: 'indexed',
      documentId: documentId(`${origin}/en/docs/`),
    });
    expect(result.pages['/en/docs/loop']).toMatchObject({ status: 'failed', reason: 'too-many-redirects' });
    expect(result.pages['/en/docs/away']).toMatchObject({
      status: 'skipped',
      reason: 'redirect-out-of-scope',
    });
    expect(result.pages['/en/docs/page']).toMatchObject({ status: 'indexed' });
  });

  it('tries a page again after 503, when it was told to, and not after 404', async () => {
    let asked = 0;
    const result = await crawl({
      '/': article('Home', ['/busy', '/gone']),
      '/busy': (_request, response) => {
        asked += 1;
        if (asked === 1) response.writeHead(503, { 'retry-after': '1' }).end();
        else response.writeHead(200, { 'content-type': 'text/html' }).end(article('Busy'));
      },
    });
    expect(result.pages['/busy']).toMatchObject({ status: 'indexed' });
    expect(result.pages['/gone']).toMatchObject({ status: 'failed', reason: 'http-error', httpStatus: 404 });
    const at = (path: string) =>
      stack.site.requests.filter((request) => request.path === path).map(({ atMs }) => atMs);
    const [first = 0, second = 0] = at('/busy');
    expect(second - first).toBeGreaterThan(900);
    expect(at('/gone')).toHaveLength(1);
  });

  it('indexes a page once that has two addresses', async () => {
    const { origin } = stack.site;
    const canonical = (html: string) =>
      html.replace('<head>', `<head><link rel="canonical" href="${origin}/page">`);
    const pages = {
      '/': article('Home', ['/page', '/page?view=print', '/moved']),
      '/page': canonical(article('Page')),
      '/page?view=print': canonical(article('Page')),
      '/moved': { status: 301, headers: { location: '/page' } },
    };
    const result = await crawl(pages, { collection: 'addresses' });
    expect(result).toMatchObject({
      status: 'completed',
      counters: { indexed: 2, skipped: 2 },
      skippedBy: { duplicate: 2 },
    });
    const id = documentId(`${origin}/page`);
    const stored = stack.rag.documents.keys().filter((key) => key.startsWith('addresses/'));
    expect([...stored].toSorted()).toEqual(
      [`addresses/${documentId(`${origin}/`)}`, `addresses/${id}`].toSorted(),
    );
    expect(result.pages['/moved']).toMatchObject({ documentId: id, finalUrl: `${origin}/page` });
  });

  it('fails with a reason when its start URL cannot be had', async () => {
    const result = await crawl({}, { url: `${stack.site.origin}/nowhere` });
    expect(result).toMatchObject({
      status: 'failed',
      error: 'The start URL could not be fetched: the server answered with status 404',
      counters: { discovered: 1, failed: 1, queued: 0 },
    });
  });

  it('fails with the cause in words when nobody listens at its start URL', async () => {
    const closed = await startSite();
    await closed[Symbol.asyncDispose]();
    await using own = await startTestStack({ variables: { CRAWL_ALLOWED_ORIGINS: closed.origin } });
    const id = await own.crawler.submit({ url: `${closed.origin}/`, sitemap: 'skip' });
    expect(await own.crawler.finish(id)).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(
        /robots\.txt could not be fetched, connection refused: nothing answers at 127\.0\.0\.1:\d+; inside a container 127\.0\.0\.1 is/,
      ),
    });
  });

  it.each([
    [
      'robots.txt fails',
      { '/robots.txt': { status: 500, body: 'no' } },
      /robots\.txt could not be fetched, the server answered with status 500$/,
    ],
    [
      'it is a picture',
      { '/': { headers: { 'content-type': 'image/png' }, body: 'PNG' } },
      /the response has a type or encoding that is not read$/,
    ],
    [
      'it leads to another site',
      { '/': { status: 302, headers: { location: 'http://elsewhere.example/' } } },
      /a redirect leads out of the scope of the crawl$/,
    ],
  ] as const)('fails with the cause in words when %s', async (_name, pages, error) => {
    expect(await crawl(pages)).toMatchObject({ status: 'failed', error: expect.stringMatching(error) });
  });

  it('is no failure when the site forbids its start URL', async () => {
    const robots = { headers: { 'content-type': 'text/plain' }, body: 'User-agent: *\nDisallow: /' };
    const result = await crawl({ '/robots.txt': robots, '/': article('Home') });
    expect(result).toMatchObject({ status: 'completed', stopReason: 'robots' });
  });

  it('obeys X-Robots-Tag', async () => {
    const tagged = (tag: string, ...links: string[]) => ({
      headers: { 'content-type': 'text/html', 'x-robots-tag': tag },
      body: article(`Tagged ${tag}`, links),
    });
    const { pages } = await crawl({
      '/': article('Home', ['/noindex', '/nofollow', '/others', '/plain']),
      '/noindex': tagged('noindex', '/behind-noindex'),
      '/nofollow': tagged('max-image-preview:none, nofollow', '/behind-nofollow'),
      '/others': tagged('otherbot: none'),
      '/plain': { headers: { 'content-type': 'text/plain', 'x-robots-tag': 'none' }, body: 'Private.' },
      '/behind-noindex': article('Behind'),
    });
    expect(Object.keys(pages).sort()).toEqual(
      ['/', '/behind-noindex', '/nofollow', '/noindex', '/others', '/plain'].sort(),
    );
    for (const path of ['/noindex', '/plain'])
      expect(pages[path]).toMatchObject({ status: 'skipped', reason: 'robots' });
    for (const path of ['/nofollow', '/others', '/behind-noindex'])
      expect(pages[path]).toMatchObject({ status: 'indexed' });
  });

  it('says how much of a page was left out, and skips a page whose charset cannot be found out', async () => {
    const broken = Buffer.concat([Buffer.from(`<p>${'Größe '.repeat(20)}`), Buffer.alloc(12, 0xff)]);
    const { pages, skippedBy } = await crawl({
      '/': article('Home', ['/broken']).replace('</main>', '<p hidden>This is for no reader.</p></main>'),
      '/broken': { headers: { 'content-type': 'text/html; charset=utf-8' }, body: broken },
    });
    expect(pages['/']).toMatchObject({ status: 'indexed', losses: expect.any(Array) });
    expect(pages['/']?.losses?.find(({ rule }) => rule === 'hidden')?.chars).toBeGreaterThan(20);
    expect(pages['/broken']).toMatchObject({ status: 'skipped', reason: 'charset', httpStatus: 200 });
    expect(skippedBy).toEqual({ charset: 1 });
  });

  it('takes the page that a stub leads to, and not the stub', async () => {
    const { origin } = stack.site;
    const { pages, counters } = await crawl(
      {
        '/': '<meta http-equiv="refresh" content="0; url=en/"><p>Redirecting...</p>',
        '/en/': article('Home', ['/old']),
        '/old': { headers: { refresh: '1; url=/en/new', 'content-type': 'text/html' }, body: 'It moved.' },
        '/en/new': article('New'),
      },
      { collection: 'moved', crawlEntireDomain: true },
    );
    expect(counters).toMatchObject({ indexed: 2 });
    expect(pages['/']).toMatchObject({ documentId: documentId(`${origin}/en/`) });
    expect(pages['/old']).toMatchObject({ documentId: documentId(`${origin}/en/new`) });
    const stored = [...stack.rag.documents].filter(([key]) => key.startsWith('moved/'));
    expect(stored.map(([, { url }]) => url).sort()).toEqual([`${origin}/en/`, `${origin}/en/new`]);
  });

  it('ends on pages made to hurt it: endless, huge, broken, wrong charset, 5,000 links', async () => {
    const zeros = gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 9 });
    const result = await crawl(
      {
        '/': article('Home', ['/bomb', '/links', '/deep', '/nul', '/charset', '/line', '/empty']),
        '/bomb': { headers: { 'content-encoding': 'gzip' }, body: zeros },
        '/links': `<html><body><main><h1>Links</h1><p>${'Many links are here. '.repeat(40)}</p>${Array.from(
          { length: 5000 },
          (_, i) => `<a href="/out/${i}">${i}</a>`,
        ).join(' ')}</main></body></html>`,
        '/deep': `${'<div>'.repeat(100_000)}deep`,
        '/nul': article('Nul\0Nul', [], 'With a \0 in it.'),
        '/charset': {
          headers: { 'content-type': 'text/html; charset=no-such-charset' },
          body: Buffer.from(article('Café'), 'latin1'),
        },
        '/line': `<html><body><main><p>${'word '.repeat(200_000)}</p></main></body></html>`,
        '/empty': '',
      },
      { excludePaths: ['^/out/'] },
    );
    expect(result.counters.queued).toBe(0);
    expect(result.pages['/bomb']).toMatchObject({ status: 'failed', reason: 'too-large' });
    expect(result.pages['/links']).toMatchObject({ status: 'indexed' });
    // None of the links is lost without a word.
    expect(result.skippedBy['filtered']).toBe(5000);
    expect(result.pages['/empty']).toMatchObject({ status: 'skipped', reason: 'no-content' });
    for (const path of ['/deep', '/nul', '/charset', '/line']) {
      expect(result.pages[path], path).toMatchObject({ status: 'indexed' });
    }
  });

  it('tells what went through its way out, and what was refused there', async () => {
    const figures = async () => {
      const { body } = await stack.crawler.app.inject({
        url: '/metrics',
        headers: { authorization: `Bearer ${stack.crawler.key}` },
      });
      const figure = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(body)?.[1] ?? 0);
      return {
        bytes: figure('crawl_egress_bytes_total'),
        connections: figure('crawl_egress_connections_total'),
        refused: figure('crawl_egress_refusals_total{reason="not-public"}'),
      };
    };
    const before = await figures();
    const { pages } = await crawl(
      { '/': article('Start', ['http://localhost/']), '/a': article('A') },
      { allowExternalLinks: true },
    );
    const after = await figures();
    expect(pages).toBeDefined();
    expect(after.bytes).toBeGreaterThan(before.bytes + 200);
    expect(after.connections).toBeGreaterThan(before.connections);
    // robots.txt and the page of a name that leads inside.
    expect(after.refused).toBeGreaterThan(before.refused);
  });
});
