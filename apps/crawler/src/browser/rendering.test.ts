import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Egress, openEgress } from '../egress/open-egress.ts';
import { FetchError } from '../fetch/fetch-error.ts';
import { createFetcher, type Fetcher } from '../fetch/fetcher.ts';
import { FORBIDDEN_HOSTS, hostileNames, lookupFrom } from '../fetch/fixtures/forbidden-hosts.ts';
import { type LocalSite, openLocalSite, redirectTo, respond } from '../fetch/fixtures/local-site.ts';
import { SELF_SIGNED } from '../fetch/fixtures/self-signed.ts';
import { findChromium } from './find-chromium.ts';
import { processesOf } from './kill-processes-of.ts';
import { openRenderer, type Renderer, type RendererCaps } from './open-renderer.ts';
import { createPageFetcher } from './page-fetcher.ts';

const executable = findChromium(process.env['CRAWL_CHROMIUM'], process.env['PATH'] ?? '');

/** Stands for an inside service on every address of this machine; it must never be spoken to. */
let inside: LocalSite;
let site: LocalSite;
let egress: Egress;
let fetcher: Fetcher;
let workDir: string;
let renderer: Renderer;

const pages: Record<string, Parameters<typeof openLocalSite>[0][string]> = {};

describe.skipIf(executable === undefined)('a page in the browser', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    inside = await openLocalSite({ '/': 'secret' }, '::');
    site = await openLocalSite(pages);
    const allowedOrigins = [site.origin];
    egress = await openEgress({ allowedOrigins, lookup: lookupFrom(hostileNames()) });
    fetcher = createFetcher({ userAgent: 'test', allowedOrigins, egress });
    workDir = mkdtempSync(join(tmpdir(), 'xnai-browser-'));
    renderer = open();
  });

  afterAll(async () => {
    await renderer[Symbol.asyncDispose]();
    await fetcher.close();
    await egress.close();
    await inside[Symbol.asyncDispose]();
    await site[Symbol.asyncDispose]();
    expect(processesOf(workDir)).toEqual([]);
    expect(readdirSync(workDir)).toEqual([]);
    rmSync(workDir, { recursive: true });
  });

  function open(caps: Partial<RendererCaps> = {}): Renderer {
    const settings = { executable: executable ?? '', isSandboxed: process.getuid?.() !== 0 };
    return openRenderer({ settings, egress, workDir, userAgent: 'test', caps });
  }

  /** What a reader would see of a page, or the code of the error. */
  async function see(path: string, using = renderer): Promise<string> {
    const always = createPageFetcher({ fetcher, renderer: using, render: 'always' });
    try {
      return (await always.fetch(`${site.origin}${path}`)).body.toString('utf8');
    } catch (error) {
      if (error instanceof FetchError) return error.code;
      throw error;
    }
  }

  test('is what its scripts made of it, at the address and with the status that it was fetched with', async () => {
    pages['/spa'] = `<title>Spa</title><div id="root"></div><script>
      fetch('/api/items').then((answer) => answer.json()).then((items) => {
        document.getElementById('root').innerHTML = items.map((item) => '<h2>' + item + '</h2>').join('');
        history.pushState({}, '', '/elsewhere');
      });</script>`;
    pages['/api/items'] = respond(200, { 'content-type': 'application/json' }, '["Rye bread", "Käse"]');
    const always = createPageFetcher({ fetcher, renderer, render: 'always' });
    const asked = site.requests.length;
    const response = await always.fetch(`${site.origin}/spa`);
    expect(response).toMatchObject({
      url: `${site.origin}/spa`,
      status: 200,
      contentType: 'text/html',
      charset: 'utf-8',
    });
    expect(response.body.toString('utf8')).toContain('<h2>Rye bread</h2><h2>Käse</h2>');
    expect(site.requests.slice(asked)).toEqual(['GET /spa', 'GET /api/items']);
  });

  test('loads neither images nor media nor fonts, and opens no window and keeps no worker', async () => {
    pages['/heavy'] = `<style>@font-face { font-family: x; src: url(/font.woff) } p { font-family: x }</style>
      <p id=p>text</p><img src=/image.png><video src=/film.mp4 autoplay></video><audio src=/a.mp3 autoplay></audio>
      <iframe src=/frame></iframe><a id=d href=/file.zip download>d</a><script>
      window.open('/popup'); document.getElementById('d').click();
      navigator.serviceWorker?.register('/worker.js').catch(() => {});
      </script>`;
    const asked = site.requests.length;
    expect(await see('/heavy')).toContain('text');
    const loaded = site.requests.slice(asked);
    expect(loaded.filter((line) => /png|mp4|mp3|woff|frame|popup|worker/.test(line))).toEqual([]);
  });

  test.each([
    [
      'an alert',
      `<p>text</p><script>alert(1); confirm(2); prompt(3); document.body.append('after')</script>`,
    ],
    [
      'a beforeunload',
      `<p>text</p><script>addEventListener('beforeunload', (e) => e.preventDefault()); document.body.append('after')</script>`,
    ],
    [
      'full storage',
      `<p>text</p><script>try { for (let i = 0; ; i++) localStorage['k' + i] = 'x'.repeat(100_000) } catch { document.body.append('after') }</script>`,
    ],
  ])('%s does not stop it', async (_name, html) => {
    pages['/odd'] = html;
    expect(await see('/odd')).toContain('after');
  });

  test('storage ends at its cap', async () => {
    pages['/fill'] = `<p id=p></p><script>
      (async () => { let n = 0; try { const cache = await caches.open('c');
        for (; n < 100; n++) await cache.put('/' + n, new Response('x'.repeat(1_000_000))); } catch {}
        document.getElementById('p').textContent = 'stored ' + n; })()</script>`;
    const stored = Number(/stored (\d+)/.exec(await see('/fill'))?.[1]);
    expect(stored).toBeLessThan(10);
  });

  test('a script without end is given up, and the next page gets a browser that works', async () => {
    pages['/loop'] = '<p>text</p><script>for (;;) {}</script>';
    pages['/plain'] = '<p>plain</p>';
    await using own = open({ pageMs: 1500, settleMs: 500 });
    expect(await see('/loop', own)).toBe('timeout');
    expect(await see('/plain', own)).toContain('plain');
  });

  test('too many nodes, too much text and too many bytes are refused', async () => {
    pages['/nodes'] =
      `<body><script>for (let i = 0; i < 5000; i++) document.body.append(document.createElement('i'))</script>`;
    pages['/text'] = `<body><script>document.body.append('x'.repeat(300_000))</script>`;
    pages['/bytes'] = `<body><script>fetch('/flood').then((r) => r.text())</script>`;
    pages['/flood'] = (_request, response) => void response.end('x'.repeat(3_000_000));
    await using own = open({ maxNodes: 1000, maxLength: 100_000, maxBytes: 1_000_000 });
    expect(await see('/nodes', own)).toBe('too-large');
    expect(await see('/text', own)).toBe('too-large');
    expect(await see('/bytes', own)).toBe('too-large');
  });

  test('a page that scripts lead on to is fetched with all checks, and not for ever', async () => {
    pages['/on'] = `<script>location.href = '/there'</script>`;
    pages['/there'] = '<p>arrived</p>';
    pages['/away'] = `<p>stay</p><script>location.href = 'http://127.0.0.1:${inside.port}/'</script>`;
    pages['/ring'] = `<script>location.href = '/ring?' + Math.random()</script>`;
    const always = createPageFetcher({ fetcher, renderer, render: 'always' });
    const response = await always.fetch(`${site.origin}/on`);
    expect(response.body.toString()).toContain('arrived');
    expect(response.url).toBe(`${site.origin}/there`);
    expect(response.redirects).toEqual([`${site.origin}/on`]);
    expect(await see('/away')).toBe('not-public');
    for (let i = 0; i < 20; i += 1) pages[`/hop${i}`] = `<script>location.href = '/hop${i + 1}'</script>`;
    expect(await see('/hop0')).toBe('too-many-redirects');
    expect(inside.connections()).toBe(0);
  });

  test('reaches nothing inside, however it is spelled and whatever asks for it', async () => {
    const urls = FORBIDDEN_HOSTS.flatMap((host) => [`//${host}:${inside.port}/`, `//${host}/`]);
    urls.forEach((url, index) => {
      pages[`/to/${index}`] = redirectTo(`http:${url}`);
    });
    pages['/attack'] = `<p id=p>waiting</p><script type=module>
      const urls = ${JSON.stringify(urls)};
      const tries = [];
      const attempt = (make) => { try { tries.push(make()) } catch {} };
      for (const [index, url] of urls.entries()) {
        for (const scheme of ['http:', 'https:']) {
          attempt(() => fetch(scheme + url, { mode: 'no-cors' }).catch(() => {}));
          attempt(() => { const image = new Image(); image.src = scheme + url; });
          attempt(() => navigator.sendBeacon(scheme + url, 'x'));
          attempt(() => { const script = document.createElement('script'); script.src = scheme + url; document.head.append(script); });
        }
        attempt(() => fetch('/to/' + index, { mode: 'no-cors' }).catch(() => {}));
        attempt(() => new WebSocket('ws:' + url));
      }
      for (const host of ['127.0.0.1', '[::1]', 'localhost', '169.254.169.254']) attempt(() => {
        const peer = new RTCPeerConnection({ iceServers: [
          { urls: ['stun:' + host + ':${inside.port}', 'turn:' + host + ':${inside.port}?transport=tcp'], username: 'u', credential: 'c' }] });
        peer.createDataChannel('x');
        return peer.createOffer().then((offer) => peer.setLocalDescription(offer)).catch(() => {});
      });
      await Promise.allSettled(tries);
      document.getElementById('p').textContent = 'tried ' + tries.length;
    </script>`;
    const before = egress.counts().refusals;
    await using own = open({ maxRequests: 10_000, pageMs: 30_000, settleMs: 15_000 });
    const html = await see('/attack', own);
    expect(Number(/tried (\d+)/.exec(html)?.[1])).toBeGreaterThan(urls.length * 2);
    expect(inside.connections()).toBe(0);
    const { refusals } = egress.counts();
    expect((refusals['not-public'] ?? 0) - (before['not-public'] ?? 0)).toBeGreaterThan(60);
    expect((refusals.port ?? 0) - (before.port ?? 0)).toBeGreaterThan(60);
  });

  test('WebRTC sends no packet past the proxy', async () => {
    const { createSocket } = await import('node:dgram');
    const packets: unknown[] = [];
    const stun = createSocket('udp4').on('message', (packet) => packets.push(packet));
    stun.bind(0, '127.0.0.1');
    await once(stun, 'listening');
    pages['/rtc'] = `<p id=p></p><script>
      const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${stun.address().port}' }] });
      const found = [];
      peer.onicecandidate = ({ candidate }) => { if (candidate) found.push(candidate.candidate);
        else document.getElementById('p').textContent = 'gathered ' + found.length; };
      peer.createDataChannel('x'); peer.createOffer().then((offer) => peer.setLocalDescription(offer));
      setTimeout(() => fetch('/plain'), 300);
    </script>`;
    await see('/rtc');
    expect(packets).toEqual([]);
    stun.close();
    await once(stun, 'close');
  });

  test('broken TLS stays broken', async () => {
    const secure = await openTlsSite();
    const allowedOrigins = [site.origin, secure.origin];
    await using way = await openEgress({ allowedOrigins });
    await using own = openRenderer({
      settings: { executable: executable ?? '', isSandboxed: process.getuid?.() !== 0 },
      egress: way,
      workDir,
      userAgent: 'test',
    });
    pages['/tls'] = `<p id=p></p><script>fetch('${secure.origin}/', { mode: 'no-cors' }).then(
      () => document.body.append('ignored'), () => document.body.append('refused'))</script>`;
    await using through = createFetcher({ userAgent: 'test', allowedOrigins, egress: way });
    const always = createPageFetcher({ fetcher: through, renderer: own, render: 'always' });
    expect((await always.fetch(`${site.origin}/tls`)).body.toString()).toContain('refused');
    await secure.close();
  });

  test('browsers are replaced by pages, and none is left', async () => {
    pages['/plain'] = '<p>plain</p>';
    const own = open({ pagesPerBrowser: 2 });
    for (let i = 0; i < 5; i += 1) expect(await see('/plain', own)).toContain('plain');
    expect(own.launches).toBe(3);
    await own[Symbol.asyncDispose]();
  });

  test('a page whose browser is killed is begun anew in another, once', async () => {
    let asked = 0;
    pages['/slow'] = respond(200, { 'content-type': 'text/html' }, '<p>x</p><script src=/slow.js></script>');
    pages['/slow.js'] = () => {
      asked += 1;
    };
    const own = open();
    const killWhenAsked = async (times: number) => {
      await vi.waitUntil(() => asked === times, { timeout: 20_000 });
      const mine = processesOf(workDir).filter(({ pid, group }) => pid === group);
      for (const { pid } of mine) process.kill(pid, 'SIGKILL');
    };
    const lost = see('/slow', own);
    await killWhenAsked(1);
    await killWhenAsked(2);
    expect(await lost).toBe('render-failed');
    const underWay = see('/slow', own);
    await vi.waitUntil(() => asked === 3, { timeout: 20_000 });
    pages['/slow.js'] = respond(200, { 'content-type': 'text/javascript' }, 'document.body.append("there")');
    await killWhenAsked(3);
    expect(await underWay).toContain('there');
    expect(own.launches).toBe(4);
    await own[Symbol.asyncDispose]();
  });

  test('a crawl that is cancelled takes its page along', async () => {
    const own = open();
    const stop = new AbortController();
    const always = createPageFetcher({ fetcher, renderer: own, render: 'always' });
    const asked = site.requests.length;
    pages['/hang'] = respond(200, { 'content-type': 'text/html' }, '<p>x</p><script src=/never.js></script>');
    pages['/never.js'] = () => {};
    const underWay = always
      .fetch(`${site.origin}/hang`, { signal: stop.signal })
      .catch((error: unknown) => error);
    await vi.waitFor(() => expect(site.requests.slice(asked)).toContain('GET /never.js'), {
      timeout: 10_000,
    });
    stop.abort();
    expect(await underWay).toMatchObject({ code: 'cancelled' });
    await own[Symbol.asyncDispose]();
  });
});

/** Speaks TLS with a certificate that nobody vouches for. */
async function openTlsSite() {
  const { createServer: createTlsServer } = await import('node:https');
  const server = createTlsServer(SELF_SIGNED, (_request, response) => response.end('secret'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    origin: `https://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
