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
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
import { processesOf } from './browser/kill-processes-of.ts';
import { article } from './testing/fake-site.ts';
import { startTestStack, type TestStack } from './testing/test-stack.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const html = { 'content-type': 'text/html' };

describe.skipIf(chromium === undefined)('a crawl with a browser', { timeout: 60_000 }, () => {
  let stack: TestStack;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'xnai-launches-'));
    const wrapper = join(folder, 'chromium');
    // Chromium, and a line for each time that it is started.
    writeFileSync(wrapper, `#!/bin/sh\necho $$ >> ${folder}/launches\nexec ${chromium} "$@"\n`);
    chmodSync(wrapper, 0o755);
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

  function launches(): number {
    const log = join(folder, 'launches');
    return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
  }

  it('indexes what a single-page app shows, and follows the links that only its scripts make', async () => {
    const { crawler, rag, site } = stack;
    const id = await crawler.submit({ url: `${site.origin}/app/`, collection: 'app', sitemap: 'skip' });
    const crawl = await crawler.finish(id);
    expect(crawl).toMatchObject({ status: 'completed', counters: { indexed: 2, failed: 0 } });
    const rye = [...rag.documents.values()].find(({ url }) => url === `${site.origin}/app/rye`);
    expect(rye).toMatchObject({ title: 'Rye', content: expect.stringContaining('Rye takes flour') });
    expect(site.hits.filter((path) => path === '/app/rye')).toHaveLength(1);
    expect(crawl.degraded).toEqual(process.getuid?.() === 0 ? ['browser-sandbox'] : []);
    expect(await stack.redis.client().hgetall(`xnai:crawl:render:${new URL(site.origin).host}`)).toEqual({
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
    const workDir = join(crawler.workDir, id);
    expect(processesOf(workDir).length).toBeGreaterThan(1);
    if (end === 'cancel') await crawler.request('DELETE', `/v1/crawls/${id}`);
    else
      for (const { pid } of processesOf(workDir).filter(({ pid }) => isCrawl(pid)))
        process.kill(pid, 'SIGKILL');
    // A crashed crawl is begun again where it left off: the second try is cancelled here.
    if (end === 'SIGKILL') {
      await vi.waitFor(() => expect(asked).toBe(2), { timeout: 45_000 });
      await crawler.request('DELETE', `/v1/crawls/${id}`);
    }
    await crawler.finish(id);
    await vi.waitFor(() => expect(processesOf(workDir)).toEqual([]));
    await vi.waitFor(() => expect(readdirSync(crawler.workDir)).not.toContain(id));
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

function isCrawl(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('crawl-child');
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
