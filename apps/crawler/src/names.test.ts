import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type DnsServer,
  type Inside,
  openDnsServer,
  openInside,
  startRedis,
  startSite,
  type TestRedis,
  type TestSite,
  waitUntil,
} from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './browser/find-chromium.ts';
import { type CrawlerProcess, startCrawlerProcess } from './testing/crawler-process.ts';
import { type FakeRag, startFakeRag } from './testing/fake-rag.ts';

const chromium = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');
const canMount = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
if (!canMount) process.stderr.write('skipped: no right to mount, so no name server of our own\n');

/** Of a name server that nothing else on this machine would have. */
const NAME_SERVER = '127.77.53.1';
/** What it says first: an address that is let through, and that nobody connects to. */
const PUBLIC = '93.184.216.34';

/** The whole service with the resolver of the system, which asks a name server that is out to harm. */
describe.skipIf(!canMount)('names that lead inside', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'xnai-names-'));
  const mounted = ['sh', '-c', `mount --bind ${folder}/resolv.conf /etc/resolv.conf && exec "$@"`, 'sh'];
  let inside: Inside;
  let dns: DnsServer;
  let redis: TestRedis;
  let rag: FakeRag;
  let site: TestSite;
  let crawler: CrawlerProcess;

  beforeAll(async () => {
    inside = await openInside();
    const answer = (name: string, count: number) =>
      name === 'rebind.test' && count === 1 ? [PUBLIC] : ['127.0.0.1'];
    dns = await openDnsServer(answer, { address: NAME_SERVER, port: 53 });
    redis = await startRedis();
    rag = await startFakeRag();
    site = await startSite();
    writeFileSync(join(folder, 'resolv.conf'), `nameserver ${NAME_SERVER}\n`);
    crawler = await startCrawlerProcess({
      wrapper: ['unshare', '-m', ...mounted],
      variables: {
        REDIS_URL: redis.url,
        CRAWL_RAG_URL: rag.url,
        CRAWL_ALLOWED_ORIGINS: site.origin,
        CRAWL_CHROMIUM: chromium ?? '/nonexistent',
      },
    });
  });

  afterAll(async () => {
    await crawler?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
    await rag?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    await dns?.[Symbol.asyncDispose]();
    await inside?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function errorsOf(id: string): Promise<string[]> {
    const answer = await (await crawler.fetch(`/v1/crawls/${id}/errors?limit=1000`)).text();
    expect(answer).not.toMatch(/127\.0\.0\.1[^:]|93\.184/);
    const { errors } = JSON.parse(answer) as { errors: { url: string; reason: string }[] };
    return errors.map(({ url, reason }) => `${reason} ${url}`).sort();
  }

  const ended = (id: string) => crawler.until(id, ({ finishedAt }) => finishedAt !== null);

  it('are refused where a crawl or a scrape begins', async () => {
    for (const path of ['/v1/crawls', '/v1/scrape']) {
      const body = JSON.stringify({ url: 'http://start.test/' });
      const response = await crawler.fetch(path, { method: 'POST', body });
      expect([path, response.status]).toEqual([path, 422]);
    }
    expect(dns.questions).toEqual(['start.test', 'start.test']);
  });

  it('gain nothing by having been public when the crawl was taken on', async () => {
    const id = await crawler.submit({ url: 'http://rebind.test/' });
    const crawl = await ended(id);
    expect(crawl).toMatchObject({ status: 'failed', skippedBy: { 'not-public': 1 } });
    expect(await errorsOf(id)).toEqual(['not-public http://rebind.test/']);
    expect(dns.questions.filter((name) => name === 'rebind.test').length).toBeGreaterThan(1);
    expect(inside.connections()).toBe(0);
  });

  it('are refused as links, redirects and sitemaps, and to scripts', async () => {
    const redirect = (location: string) => ({ status: 302, headers: { location } });
    Object.assign(site.pages, {
      '/robots.txt': 'User-agent: *\nSitemap: http://map.test/\nSitemap: http://other-map.test/',
      '/to/1': redirect('http://redirect.test/'),
      '/to/2': redirect('https://another.test/'),
      '/': `<main><h1>Links</h1><p>To names.</p></main><a href="http://link.test/">a</a> <a href="/to/1">b</a>
        <a href="/to/2">c</a><script>for (const name of ['script.test', 'image.test'])
        for (const scheme of ['http', 'https']) fetch(scheme + '://' + name + '/', { mode: 'no-cors' }).catch(() => {});</script>`,
    });
    const render = chromium === undefined ? 'never' : 'always';
    const body = { url: `${site.origin}/`, allowExternalLinks: true, render };
    const id = await crawler.submit(body);
    expect(await ended(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
    const pages = [`${site.origin}/to/1`, `${site.origin}/to/2`, 'http://link.test/'];
    const scripts = ['image', 'script'].flatMap((name) => [`http://${name}.test/`, `https://${name}.test/`]);
    const refused = [...pages, ...(chromium === undefined ? [] : scripts)];
    expect(await errorsOf(id)).toEqual(refused.map((url) => `not-public ${url}`).sort());
    expect(dns.questions).toEqual(expect.arrayContaining(['map.test', 'other-map.test', 'redirect.test']));
    expect(inside.connections()).toBe(0);
  });

  it.skipIf(chromium === undefined)(
    'are asked for by the pages in a browser alone, not by itself',
    async () => {
      const before = dns.questions.length;
      site.pages['/own'] = `<main><h1>Own</h1><p>A page that asks for one name.</p></main>
      <script>fetch('http://page.test/', { mode: 'no-cors' }).catch(() => {})</script>`;
      // Its own requests begin in the first seconds.
      const wait = { render: 'always', waitFor: 6000 };
      const id = await crawler.submit({ url: `${site.origin}/own`, limit: 1, sitemap: 'skip', ...wait });
      expect(await ended(id)).toMatchObject({ status: 'completed', counters: { indexed: 1 } });
      expect([...new Set(dns.questions.slice(before))]).toEqual(['page.test']);
    },
  );

  it.skipIf(chromium === undefined)('would be seen here if a browser asked for them', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'xnai-names-'));
    const plain = ['--headless', '--no-sandbox', `--user-data-dir=${profile}`, 'http://plain.test/'];
    const browser = spawn('unshare', ['-m', ...mounted, chromium ?? '', ...plain], {
      stdio: 'ignore',
      detached: true,
    });
    try {
      await waitUntil('the browser has asked', () => dns.questions.includes('plain.test'), {
        timeoutMs: 40_000,
      });
    } finally {
      process.kill(-(browser.pid ?? 0), 'SIGKILL');
      await once(browser, 'exit');
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
