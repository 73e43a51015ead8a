import { readdirSync } from 'node:fs';
import { article } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from '../browser/find-chromium.ts';
import { processesOf } from '../browser/kill-processes-of.ts';
import { startTestStack, type TestStack } from '../testing/test-stack.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack({ variables: chromium === undefined ? {} : { CRAWL_CHROMIUM: chromium } });
  if (chromium !== undefined) await stack.crawler.untilReady('browser');
  const { pages } = stack.site;
  pages['/robots.txt'] = 'User-agent: *\nDisallow: /private\n';
  pages['/bread'] = article('Bread', ['/rye', '/wheat']);
  pages['/moved'] = { status: 301, headers: { location: '/bread' } };
  pages['/inside'] = { status: 302, headers: { location: 'http://127.0.0.1:1/' } };
  pages['/shy'] = { status: 302, headers: { location: '/private' } };
  pages['/picture'] = { headers: { 'content-type': 'image/png' }, body: 'x' };
  pages['/spa'] =
    '<div id=root></div><script>root.innerHTML = "<main><h1>Rye</h1><p>Rye takes water and a whole night.</p></main>"</script>';
});

afterAll(() => stack?.[Symbol.asyncDispose]());

function scrape(path: string, options: object = {}, headers: Record<string, string> = {}) {
  const body = { url: path.startsWith('/') ? `${stack.site.origin}${path}` : path, ...options };
  return stack.crawler.request('POST', '/v1/scrape', { body, headers });
}

describe('POST /v1/scrape', { timeout: 60_000 }, () => {
  it('gives one page in the formats that were asked for, and indexes nothing', async () => {
    const { origin } = stack.site;
    const { status, body } = await scrape('/moved', { formats: ['markdown', 'html', 'links'] });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      url: `${origin}/bread`,
      httpStatus: 200,
      title: 'Bread',
      rendered: false,
      trust: 'web',
      degraded: [],
      markdown: expect.stringContaining('Bread'),
      html: expect.stringContaining('<'),
      links: expect.arrayContaining([`${origin}/rye`, `${origin}/wheat`]),
    });
    expect(Object.keys((await scrape('/bread')).body)).not.toEqual(expect.arrayContaining(['html', 'links']));
    expect(stack.rag.puts).toEqual([]);
  });

  it.each([
    ['/missing', 502, 'PAGE_NOT_FETCHED'],
    ['/private', 422, 'PAGE_DISALLOWED'],
    ['/shy', 422, 'PAGE_DISALLOWED'],
    ['/inside', 422, 'TARGET_NOT_PUBLIC'],
    ['/picture', 422, 'DOCUMENT_NOT_READABLE'],
    ['http://127.0.0.1:1/', 422, 'TARGET_NOT_PUBLIC'],
    ['http://[::ffff:169.254.169.254]/', 422, 'TARGET_NOT_PUBLIC'],
    ['file:///etc/passwd', 400, 'VALIDATION'],
  ])('answers %s with %i %s', async (path, status, code) => {
    expect(await scrape(path)).toMatchObject({ status, body: { code } });
  });

  it('refuses what it does not know, and takes no part of a crawl', async () => {
    expect((await scrape('/bread', { formats: ['pdf'] })).status).toBe(400);
    expect((await scrape('/bread', { limit: 2 })).status).toBe(400);
    for (const options of [
      { waitFor: 3_600_000 },
      { waitFor: -1 },
      { waitFor: '' },
      { waitFor: '5000' },
      { waitFor: 'b[' },
      { waitFor: 500, render: 'never' },
      { formats: ['screenshot'], render: 'never' },
    ])
      expect(await scrape('/bread', options), JSON.stringify(options)).toMatchObject({
        status: 400,
        body: { errors: [{ path: Object.keys(options)[0] }] },
      });
    if (chromium === undefined) expect((await scrape('/bread', { waitFor: 500 })).status).toBe(503);
  });

  it('is not changed by a generous deadline, and a short one gives 504', async () => {
    const within = (path: string, ms: number) => scrape(path, {}, { 'x-request-timeout-ms': String(ms) });
    const expected = await scrape('/bread');
    expect(expected.status).toBe(200);
    for (const ms of [30_000, 3_600_000]) {
      expect(await within('/bread', ms)).toMatchObject({
        status: 200,
        body: { ...expected.body, ms: expect.any(Number) },
      });
    }
    stack.site.pages['/never'] = () => undefined;
    expect(await within('/never', 300)).toMatchObject({ status: 504, body: { code: 'DEADLINE_EXCEEDED' } });
  });

  it('is full at some point, and says so', async () => {
    stack.site.pages['/slow'] = (_request, response) =>
      void setTimeout(() => response.end('slow'), 500).unref();
    const answers = await Promise.all(Array.from({ length: 8 }, () => scrape('/slow')));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 200, 200, 200, 503, 503, 503, 503]);
    expect(answers.find(({ status }) => status === 503)?.body.code).toBe('OVERLOADED');
  });

  it.skipIf(chromium === undefined)(
    'lets a browser run a page that is empty without its scripts',
    async () => {
      for (const render of ['auto', 'always']) {
        expect(await scrape('/spa', { render })).toMatchObject({
          status: 200,
          body: { rendered: true, markdown: expect.stringContaining('Rye takes water') },
        });
      }
      expect((await scrape('/spa', { render: 'never' })).body).toMatchObject({
        rendered: false,
        markdown: '',
      });
      // Only the browser can tell.
      expect((await scrape('/spa', { waitFor: 'main:nope' })).body).toMatchObject({
        markdown: expect.stringContaining('Rye takes water'),
        warning: expect.stringContaining('waitFor "main:nope"'),
      });
    },
  );

  it('leaves no process and no folder behind', () => {
    expect(processesOf(stack.crawler.workDir)).toEqual([]);
    expect(readdirSync(stack.crawler.workDir).filter((name) => name !== 'compile-cache')).toEqual([]);
  });
});
