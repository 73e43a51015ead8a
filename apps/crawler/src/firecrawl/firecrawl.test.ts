import { Firecrawl, type SdkError } from '@mendable/firecrawl-js';
import { article } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

/** Firecrawl's own SDK, as its users call it, against this server. */
let stack: TestStack;
let client: Firecrawl;
let site: string;
beforeAll(async () => {
  stack = await startTestStack();
  site = stack.site.origin;
  Object.assign(stack.site.pages, {
    '/robots.txt': 'User-agent: *\nDisallow: /private\n',
    '/': article('Home', ['/bread', '/rye', '/gone', '/private']),
    '/bread': article('Bread', ['/rye']),
    '/rye': article('Rye'),
    '/down': { status: 503, body: '<title>Down</title><main><h1>Down</h1><p>Back at noon.</p></main>' },
    '/slow': () => {},
  });
  const apiUrl = await stack.crawler.app.listen({ port: 0, host: '127.0.0.1' });
  client = new Firecrawl({ apiKey: stack.crawler.key, apiUrl });
});
afterAll(() => stack?.[Symbol.asyncDispose]());

const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('the call succeeded'),
    ({ status, message, code }: SdkError) => ({ status, message, code }),
  );

describe('the SDK', { timeout: 60_000 }, () => {
  it('scrapes a page in the formats that it names', async () => {
    const page = await client.scrape(`${site}/bread`, {
      formats: ['markdown', 'html', 'rawHtml', 'links'],
      integration: 'x',
    });
    expect(page).toMatchObject({
      markdown: expect.stringContaining('# Bread'),
      html: expect.stringContaining('<title>'),
      rawHtml: expect.stringContaining('<title>'),
      links: [`${site}/rye`],
      metadata: { title: 'Bread', sourceURL: `${site}/bread`, url: `${site}/bread`, statusCode: 200 },
    });
    expect(Object.keys(await client.scrapeUrl(`${site}/bread`))).toEqual(['markdown', 'metadata']);
  });

  it('has a page that the site answers with an error status, and that status', async () => {
    const gone = await client.scrape(`${site}/gone`);
    expect(gone.metadata).toMatchObject({
      sourceURL: `${site}/gone`,
      statusCode: 404,
      error: 'Not Found',
    });
    expect(await client.scrape(`${site}/down`)).toMatchObject({
      markdown: expect.stringContaining('Back at noon.'),
      metadata: { title: 'Down', statusCode: 503, error: 'Service Unavailable' },
    });
    expect((await client.scrape(`${site}/bread`)).metadata).not.toHaveProperty('error');
  });

  it('crawls a site and has its pages, errors and what robots.txt forbids', async () => {
    const job = await client.crawl(site, { limit: 10, sitemap: 'skip', pollInterval: 1 });
    expect(job).toMatchObject({ status: 'completed', completed: 3 });
    expect(job.data.map(({ metadata }) => metadata?.title).toSorted()).toEqual(['Bread', 'Home', 'Rye']);
    expect(job.data.find(({ metadata }) => metadata?.title === 'Rye')).toMatchObject({
      markdown: expect.stringContaining('# Rye'),
      metadata: { sourceURL: `${site}/rye`, statusCode: 200 },
    });
    const { errors, robotsBlocked } = await client.getCrawlErrors(job.id);
    expect(errors).toMatchObject([
      { url: `${site}/gone`, code: 'http-error', error: 'http-error (status 404)' },
    ]);
    expect(robotsBlocked).toEqual([`${site}/private`]);
  });

  it('reads the pages of a crawl in parts, following `next`', async () => {
    const { id } = await client.startCrawl(`${site}/`, { sitemap: 'skip' });
    await stack.crawler.finish(id);
    const first = await fetch(`${client['http'].getApiUrl()}/v2/crawl/${id}?limit=2`, {
      headers: { authorization: `Bearer ${stack.crawler.key}` },
    }).then((answer) => answer.json() as Promise<{ data: unknown[]; next: string }>);
    expect(first.data.length).toBeLessThan(3);
    const rest = await client['http'].get(first.next);
    expect(rest.data.success).toBe(true);
    expect((await client.getCrawlStatus(id)).data).toHaveLength(3);
  });

  it('watches a crawl, by polling', async () => {
    const { id } = await client.startCrawl(`${site}/`, { sitemap: 'skip', limit: 2 });
    const watcher = client.watcher(id, { kind: 'crawl', pollInterval: 1, timeout: 30 });
    const documents: unknown[] = [];
    const faults: unknown[] = [];
    watcher.on('document', (document) => documents.push(document));
    watcher.on('error', (fault) => faults.push(fault));
    const done = new Promise<{ status: string }>((resolve) => watcher.on('done', resolve));
    await watcher.start();
    expect(faults).toEqual([]);
    expect(await done).toMatchObject({ status: 'completed' });
    expect(documents.length).toBeGreaterThan(0);
  });

  it('cancels a crawl, and lists those that have not ended', async () => {
    const { id } = await client.startCrawl(`${site}/slow`, { sitemap: 'skip' });
    expect((await client.getActiveCrawls()).crawls.map((crawl) => crawl.id)).toContain(id);
    expect(await client.cancelCrawl(id)).toBe(true);
    expect(await stack.crawler.finish(id)).toMatchObject({ status: 'cancelled' });
    expect(await client.getCrawlStatus(id)).toMatchObject({ status: 'cancelled' });
    expect((await client.getActiveCrawls()).crawls).toEqual([]);
  });

  it('scrapes a batch, and has its pages, errors and the URLs that are none', async () => {
    const urls = [`${site}/bread`, `${site}/gone`, 'nonsense', `${site}/private`, 'http://127.0.0.1:1/'];
    const started = await client.startBatchScrape(urls, { options: { formats: ['markdown', 'links'] } });
    expect(started.invalidURLs).toEqual(['nonsense']);
    const job = await client.batchScrape([`${site}/rye`], { pollInterval: 1 });
    expect(job).toMatchObject({ status: 'completed', total: 1, completed: 1 });
    expect(job.data).toMatchObject([
      { markdown: expect.stringContaining('# Rye'), metadata: { statusCode: 200 } },
    ]);
    const first = await client.getBatchScrapeStatus(started.id);
    expect(first).toMatchObject({ status: 'completed', total: 4, completed: 2 });
    expect(first.data).toMatchObject([
      { links: [`${site}/rye`], metadata: { sourceURL: `${site}/bread`, statusCode: 200 } },
      { links: [], metadata: { sourceURL: `${site}/gone`, statusCode: 404, error: 'Not Found' } },
    ]);
    const { errors, robotsBlocked } = await client.getBatchScrapeErrors(started.id);
    expect(errors.map(({ url, code }) => [url, code])).toEqual([
      [`${site}/private`, 'PAGE_DISALLOWED'],
      ['http://127.0.0.1:1/', 'TARGET_NOT_PUBLIC'],
    ]);
    expect(robotsBlocked).toEqual([`${site}/private`]);
  });

  it('cancels a batch', async () => {
    const { id } = await client.startBatchScrape(Array.from({ length: 20 }, () => `${site}/bread`));
    expect(await client.cancelBatchScrape(id)).toBe(true);
    expect(await client.getBatchScrapeStatus(id)).toMatchObject({ status: 'cancelled', total: 20 });
    expect(await refusalOf(client.getBatchScrapeStatus('nonsense'))).toMatchObject({
      status: 404,
      code: 'BATCH_NOT_FOUND',
    });
  });

  it('maps a site', async () => {
    const { links } = await client.map(`${site}/`, { limit: 10, search: 'bread' });
    expect(links).toMatchObject([{ url: `${site}/bread`, title: '/bread' }]);
  });

  it.each([
    ['actions', { actions: [{ type: 'wait', milliseconds: 5 }] }],
    ['proxy', { proxy: 'stealth' }],
    ['headers', { headers: { cookie: 'a=b' } }],
    ['mobile', { mobile: true }],
    ['onlyMainContent', { onlyMainContent: false }],
    ['json', { formats: [{ type: 'json', prompt: 'the price' }] }],
    ['summary', { formats: ['summary'] }],
    ['screenshot', { formats: [{ type: 'screenshot', fullPage: true }] }],
    ['location', { location: { country: 'DE' } }],
  ])('is told by name that %s is not offered', async (name, options) => {
    const refusal = await refusalOf(client.scrape(`${site}/bread`, options as never));
    expect(refusal).toMatchObject({ status: 400, message: expect.stringContaining(name) });
    expect(refusal.message).toContain('offered');
  });

  it.each([
    ['prompt', { prompt: 'only the blog' }],
    ['regexOnFullURL', { regexOnFullURL: true }],
    ['scrapeOptions.formats', { scrapeOptions: { formats: ['html'] } }],
    ['scrapeOptions.proxy', { scrapeOptions: { proxy: 'auto' } }],
    ['webhook.headers', { webhook: { url: 'https://x.example/', headers: { a: 'b' } } }],
  ])('is told by name that a crawl does not offer %s', async (name, options) => {
    const refusal = await refusalOf(client.startCrawl(`${site}/`, options as never));
    expect(refusal).toMatchObject({ status: 400, message: expect.stringContaining(name) });
  });

  it.each<[string, (to: Firecrawl) => Promise<unknown>]>([
    ['search', (to) => to.search('bread')],
    ['extract', (to) => to.extract({ urls: [`${site}/`], prompt: 'x' })],
    ['agent', (to) => to.agent({ prompt: 'x' })],
    ['crawl/params-preview', (to) => to.crawlParamsPreview(`${site}/`, 'x')],
    ['browser', (to) => to.browser()],
    ['monitor', (to) => to.listMonitors()],
    ['credit-usage', (to) => to.getCreditUsage()],
    ['queue-status', (to) => to.getQueueStatus()],
    ['parse', (to) => to.parse({ data: 'x', filename: 'x.html' })],
    ['interact', (to) => to.interact('x', { code: '1' })],
  ])('is told that %s is not offered', async (name, call) => {
    const refusal = await refusalOf(call(client));
    expect(refusal).toMatchObject({ status: 404, message: expect.stringContaining(name) });
    expect(refusal.message).toContain('does not offer');
  });

  it('sees why a page was not scraped', async () => {
    expect(await refusalOf(client.scrape(`${site}/private`))).toMatchObject({
      status: 422,
      code: 'PAGE_DISALLOWED',
    });
    expect(await refusalOf(client.scrape('http://127.0.0.1:1/'))).toMatchObject({
      code: 'TARGET_NOT_PUBLIC',
    });
    expect(await refusalOf(client.scrape(`${site}/slow`, { timeout: 1000 }))).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const stranger = new Firecrawl({
      apiKey: 'xnai_wrong',
      apiUrl: client['http'].getApiUrl(),
      maxRetries: 1,
    });
    expect(await refusalOf(stranger.scrape(`${site}/`))).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    expect(await refusalOf(client.getCrawlStatus('nonsense'))).toMatchObject({
      status: 404,
      code: 'CRAWL_NOT_FOUND',
    });
    expect(await refusalOf(client.scrape(`${site}/`, { timeout: 3_600_001 }))).toMatchObject({
      message: expect.stringMatching(/timeout: expected a number of at most 3,600,000$/),
    });
    const hour = refusalOf(client.scrape(`${site}/`, { waitFor: 3_600_000 }));
    expect(await hour).toMatchObject({ status: 400, message: expect.stringContaining('waitFor') });
    const noSelector = { scrapeOptions: { waitFor: 'b[' as unknown as number } };
    expect(await refusalOf(client.startCrawl(`${site}/`, noSelector))).toMatchObject({
      status: 400,
      message: expect.stringContaining('waitFor: expected milliseconds'),
    });
  });
});
