import { BasicCrawler, Configuration, log } from '@crawlee/cheerio';
import { createFetcher, FetchError } from '@xnai/egress';
import { openLocalSite, redirectTo, respond } from '@xnai/egress/testing';
import { afterEach, expect, test } from 'vitest';
import { type CrawleeHttpClientDeps, createCrawleeHttpClient } from './http-client.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function crawl(
  pages: Parameters<typeof openLocalSite>[0],
  paths: readonly string[],
  deps: Partial<CrawleeHttpClientDeps> = {},
) {
  log.setLevel(log.LEVELS.OFF);
  const site = await openLocalSite(pages);
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin] });
  open.push(site, fetcher);
  const handled: { url: string; body: string }[] = [];
  const failed: FetchError[] = [];
  const crawler = new BasicCrawler(
    {
      httpClient: createCrawleeHttpClient({ fetcher, ...deps }),
      useSessionPool: false,
      maxRequestRetries: 1,
      requestHandler: async ({ sendRequest }) => {
        const { url, body } = await sendRequest();
        handled.push({ url, body });
      },
      errorHandler: ({ request }, error) => {
        if (error instanceof FetchError && !error.retryable) request.noRetry = true;
      },
      failedRequestHandler: (_context, error) => void failed.push(error as FetchError),
    },
    new Configuration({ persistStorage: false }),
  );
  await crawler.run(paths.map((path) => `${site.origin}${path}`));
  return { site, handled, failed };
}

test('Crawlee fetches through our fetcher: redirects and charsets are settled, sizes told', async () => {
  const responses: unknown[] = [];
  const { site, handled, failed } = await crawl(
    {
      '/moved': redirectTo('/latin1'),
      '/latin1': respond(
        200,
        { 'content-type': 'text/html; charset=latin1' },
        Buffer.from('größe', 'latin1'),
      ),
      '/made-up': respond(200, { 'content-type': 'text/html; charset=x-made-up' }, 'größe'),
      '/plain': respond(200, { 'content-type': 'text/plain' }, 'plain'),
    },
    ['/moved', '/made-up', '/plain'],
    { onResponse: (url, response) => responses.push([new URL(url).pathname, response.wireBytes]) },
  );
  expect(failed).toEqual([]);
  const bodies = Object.fromEntries(handled.map(({ url, body }) => [url.replace(site.origin, ''), body]));
  expect(bodies).toEqual({ '/latin1': 'größe', '/made-up': 'größe', '/plain': 'plain' });
  expect(responses).toHaveLength(3);
  expect(responses).toContainEqual(['/moved', 5]);
});

test('every failure of a page arrives as a FetchError with its reason', async () => {
  const { failed, site, handled } = await crawl(
    {
      '/404': respond(404, {}, 'no'),
      '/503': respond(503, { 'retry-after': '9' }, '{"message": 1}'),
      '/pdf': respond(200, { 'content-type': 'application/pdf' }, '%PDF'),
      '/inside': redirectTo('http://169.254.169.254/latest/meta-data'),
      '/away': redirectTo('/elsewhere'),
    },
    ['/404', '/503', '/pdf', '/inside', '/away'],
    {
      isTypeAccepted: (mime) => mime === 'text/html',
      checkRedirect: (url) => (url.pathname === '/elsewhere' ? 'redirect-out-of-scope' : undefined),
    },
  );
  expect(handled).toEqual([]);
  expect(failed.every((error) => error instanceof FetchError)).toBe(true);
  expect(failed.map((error) => error.code).sort()).toEqual(
    ['http-error', 'http-error', 'content-type', 'not-public', 'redirect-out-of-scope'].sort(),
  );
  expect(failed.find((error) => error.status === 503)).toMatchObject({ retryable: true, retryAfterMs: 9000 });
  const asked = (path: string) => site.requests.filter((request) => request === `GET ${path}`).length;
  expect([asked('/404'), asked('/503'), asked('/pdf'), asked('/elsewhere')]).toEqual([1, 2, 1, 0]);
});

test("the crawl's signal ends its fetches", async () => {
  const controller = new AbortController();
  const { failed } = await crawl(
    {
      '/': (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.write('start');
        controller.abort();
      },
    },
    ['/'],
    { signal: controller.signal },
  );
  expect(failed).toMatchObject([{ code: 'cancelled' }]);
});

test('only GET is spoken', async () => {
  await using fetcher = createFetcher({ userAgent: 'test' });
  const client = createCrawleeHttpClient({ fetcher });
  await expect(client.sendRequest({ url: 'http://x.example/', method: 'POST' })).rejects.toThrow('POST');
});
