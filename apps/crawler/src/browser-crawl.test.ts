import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { article, startRedis, startSite } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
import { processesOf } from './browser/kill-processes-of.ts';
import { startFakeRag } from './testing/fake-rag.ts';
import { startTestCrawler } from './testing/test-crawler.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const html = { 'content-type': 'text/html' };

describe.skipIf(chromium === undefined)('a crawl with a browser', { timeout: 60_000 }, () => {
  let stack: TestStack;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'xnai-launches-'));
    const wrapper = countingWrapper(folder);
    stack = await startTestStack({ isForked: true, variables: { CRAWL_CHROMIUM: wrapper } });
    await stack.crawler.untilReady('browser');
    const { pages } = stack.site;
    for (const [path, title] of [
      ['/app/', 'Sourdough'],
      ['/app/rye', 'Rye'],
    ]) {
      pages[`/api${path}`] = (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(content(title ?? '')));
      pages[path ?? ''] = (_request, response) => response.writeHead(200, html).end(SHELL);
    }
  });

  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const launches = () => launchesIn(folder);

  it('indexes what a single-page app shows, and follows the links that only its scripts make', async () => {
    const { crawler, rag, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/app/`, collection: 'app', sitemap: 'skip' });
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 2, failed: 0 } });
    const rye = [...rag.documents.values()].find(({ url }) => url === `${site.origin}/app/rye`);
    expect(rye).toMatchObject({
      title: 'Rye',
      document: { text: expect.stringContaining('Rye takes flour') },
    });
    expect(site.paths.filter((path) => path === '/app/rye')).toHaveLength(1);
    expect(crawl.degraded).toEqual(process.getuid?.() === 0 ? ['browser-sandbox'] : []);
    expect(await stack.redis.client.hgetall(`xnai:crawl:render:${new URL(site.origin).host}`)).toEqual({
      helped: '2',
    });
  });

  it('never starts the browser for a static site, nor when told not to', async () => {
    const { crawler, site } = stack;
    Object.assign(site.pages, {
      '/still/': article('Start', ['a', 'b']),
      '/still/a': article('A'),
      '/still/b': article('B'),
    });
    const before = launches();
    const still = await crawler.submit({
      url: `${site.origin}/still/`,
      collection: 'still',
      sitemap: 'skip',
    });
    expect((await crawler.finish(still)).counters.indexed).toBe(3);
    const never = await crawler.submit({
      url: `${site.origin}/app/`,
      collection: 'n',
      sitemap: 'skip',
      render: 'never',
    });
    expect(await crawler.finish(never)).toMatchObject({ skippedBy: { 'no-content': 1 }, degraded: [] });
    expect(launches()).toBe(before);
  });

  it('names among its errors where its pages were not let, and not what the name stands for', async () => {
    const { crawler, site } = stack;
    site.pages['/spy/'] = (_request, response) =>
      response.writeHead(200, html).end(`<main><h1>Spy</h1><p>Looks around.</p></main><script>
        for (const url of ['http://localhost/admin?token=1', 'https://169.254.169.254/', 'http://[::1]:6379/'])
          for (const again of [1, 2]) fetch(url + again, { mode: 'no-cors' }).catch(() => {});
      </script><a href="http://127.0.0.1:1/">in</a>`);
    const id = await crawler.submit({
      url: `${site.origin}/spy/`,
      collection: 'spy',
      sitemap: 'skip',
      render: 'always',
      // A selector that only the browser can judge.
      waitFor: 'main:nope',
      allowExternalLinks: true,
    });
    expect(await crawler.finish(id)).toMatchObject({
      status: 'completed',
      warning: expect.stringMatching(/^waitFor "main:nope": the browser does not know .* \(1 page\)$/),
      counters: { indexed: 1, discovered: 2, skipped: 1 },
    });
    const errors = await crawler.errors(id);
    expect(errors.map(({ url, reason }) => `${reason} ${url}`).sort()).toEqual([
      'not-public http://127.0.0.1:1/',
      'not-public http://[::1]:6379/',
      'not-public http://localhost/',
      'not-public https://169.254.169.254/',
    ]);
    expect(Object.keys(await crawler.pages(id))).toEqual(['/spy/', '/']);
  });

  it.each(['SIGKILL', 'cancel'])('leaves no process and no profile behind after %s', async (end) => {
    const { crawler, site } = stack;
    let asked = 0;
    site.pages['/hang/'] = (_request, response) =>
      response.writeHead(200, html).end('<div id=root></div><script src=/hang.js></script>');
    site.pages['/hang.js'] = () => {
      asked += 1;
    };
    const id = await crawler.submit({
      url: `${site.origin}/hang/`,
      collection: 'h',
      sitemap: 'skip',
      limit: 1,
    });
    await vi.waitFor(() => expect(asked).toBe(1), { timeout: 45_000 });
    // Each run of a crawl has a folder of its own.
    const folders = () => readdirSync(crawler.workDir).filter((name) => name.startsWith(id));
    const seen = new Set(folders());
    const processes = () => [...seen].flatMap((name) => processesOf(join(crawler.workDir, name)));
    expect(processes().length).toBeGreaterThan(1);
    if (end === 'cancel') await crawler.request('DELETE', `/v1/crawls/${id}`);
    else for (const { pid } of processes().filter(({ pid }) => isCrawl(pid))) process.kill(pid, 'SIGKILL');
    // A crashed crawl is begun again where it left off: the second try is cancelled here.
    if (end === 'SIGKILL') {
      await vi.waitFor(() => expect(asked).toBe(2), { timeout: 45_000 });
      for (const name of folders()) seen.add(name);
      expect(seen.size).toBe(2);
      await crawler.request('DELETE', `/v1/crawls/${id}`);
    }
    await crawler.finish(id);
    await vi.waitFor(() => expect(processes()).toEqual([]));
    await vi.waitFor(() => expect(folders()).toEqual([]));
  });
});

describe.skipIf(chromium === undefined)('two crawlers', { timeout: 60_000 }, () => {
  it('learn from each other which hosts a browser is of no use for', async () => {
    await using redis = await startRedis();
    await using rag = await startFakeRag();
    const empty = '<div id="root"></div><script>document.title = "still nothing"</script>';
    const paths = ['/', '/a', '/b', '/c', '/d', '/e'];
    const links = paths.map((path) => `<link rel="next" href="${path}"><a href="${path}"></a>`).join('');
    await using site = await startSite(Object.fromEntries(paths.map((path) => [path, empty + links])));
    const folder = mkdtempSync(join(tmpdir(), 'xnai-launches-'));
    const variables = {
      REDIS_URL: redis.url,
      CRAWL_RAG_URL: rag.url,
      CRAWL_ALLOWED_ORIGINS: site.origin,
      CRAWL_CHROMIUM: countingWrapper(folder),
    };
    const launchesOf = async (collection: string) => {
      await using crawler = await startTestCrawler(variables, { isForked: true });
      await crawler.untilReady('browser');
      const before = launchesIn(folder);
      const body = { url: `${site.origin}/`, collection, sitemap: 'skip', maxConcurrency: 1 };
      const crawl = await crawler.finish(await crawler.submit(body));
      expect(crawl.skippedBy).toEqual({ 'no-content': paths.length });
      return launchesIn(folder) - before;
    };
    expect(await launchesOf('first')).toBe(1);
    const key = `xnai:crawl:render:${new URL(site.origin).host}`;
    expect(await redis.client.hgetall(key)).toEqual({ vain: '3' });
    expect(await launchesOf('second')).toBe(0);
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(chromium === undefined)('a browser that does not start any more', { timeout: 60_000 }, () => {
  it('is no browser: pages go on by HTTP, and nothing more is promised', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'xnai-launches-'));
    const wrapper = countingWrapper(folder);
    await using stack = await startTestStack({ isForked: true, variables: { CRAWL_CHROMIUM: wrapper } });
    const { crawler, site } = stack;
    await crawler.untilReady('browser');
    writeFileSync(wrapper, '#!/bin/sh\nexit 1\n');
    site.pages['/'] = { headers: html, body: SHELL.replace('</body>', '<p>Some words.</p></body>') };
    const url = `${site.origin}/`;
    const auto = await crawler.finish(await crawler.submit({ url, sitemap: 'skip' }));
    expect(auto).toMatchObject({ degraded: expect.arrayContaining(['browser']), counters: { indexed: 1 } });
    const refused = { status: 503, body: { code: 'BROWSER_NOT_AVAILABLE' } };
    const body = { url, render: 'always' };
    expect(await crawler.request('POST', '/v1/scrape', { body })).toMatchObject(refused);
    expect(await crawler.request('POST', '/v1/crawls', { body })).toMatchObject(refused);
    rmSync(folder, { recursive: true });
  });
});

describe('a crawl without a browser', () => {
  it('goes on by HTTP and says so, but does not promise what it cannot do', async () => {
    await using stack = await startTestStack();
    const { crawler, site } = stack;
    site.pages['/'] = (_request, response) =>
      response.writeHead(200, html).end(SHELL.replace('</body>', '<p>Some words.</p></body>'));
    const id = await crawler.submit({ url: `${site.origin}/`, sitemap: 'skip' });
    expect(await crawler.finish(id)).toMatchObject({ degraded: ['browser'], counters: { indexed: 1 } });
    const body = { url: `${site.origin}/`, render: 'always' };
    expect(await crawler.request('POST', '/v1/crawls', { body })).toMatchObject({
      status: 503,
      body: { code: 'BROWSER_NOT_AVAILABLE' },
    });
    expect((await crawler.request('GET', '/readyz')).body.checks.browser).toMatchObject({ status: 'absent' });
  });
});

/** Chromium, and a line for each time that it is started. */
function countingWrapper(folder: string): string {
  const wrapper = join(folder, 'chromium');
  writeFileSync(wrapper, `#!/bin/sh\necho $$ >> ${folder}/launches\nexec ${chromium} "$@"\n`);
  chmodSync(wrapper, 0o755);
  return wrapper;
}

function launchesIn(folder: string): number {
  const log = join(folder, 'launches');
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
}

function isCrawl(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('crawl/main.ts');
}

function content(title: string) {
  const text = `${title} takes flour, water and salt, and a night in a cool place before it is baked in the morning.`;
  return { title, text: [text, text.replace('takes', 'also wants'), text.replace('takes', 'always needs')] };
}

/** Hydrates from a JSON API on the same origin. */
const SHELL = `<!doctype html><html><head><title>Bread</title></head><body><div id="root"></div>
<noscript>You need to enable JavaScript to run this app.</noscript><script>
fetch('/api' + location.pathname).then((answer) => answer.json()).then(({ title, text }) => {
  document.title = title;
  document.getElementById('root').innerHTML = '<main><h1>' + title + '</h1>' +
    text.map((paragraph) => '<p>' + paragraph + '</p>').join('') + '<a href="/app/rye">Rye</a></main>';
});
</script></body></html>`;
