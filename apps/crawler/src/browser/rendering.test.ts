import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createFetcher, openEgress } from '@xnai/egress';
import { redirectTo, respond, SELF_SIGNED, startSite } from '@xnai/testing';
import { readHtml } from '@xnai/text/html';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { processesOf } from './kill-processes-of.ts';
import { openRenderer } from './open-renderer.ts';
import { createPageFetcher } from './page-fetcher.ts';
import { executable, openPageLab, type PageLab, settings } from './testing/page-lab.ts';

describe.skipIf(executable === undefined)('a page in the browser', { timeout: 60_000 }, () => {
  let lab: PageLab;
  let { pages, site, inside, fetcher, renderer, workDir, open, see } = {} as PageLab;

  beforeAll(async () => {
    lab = await openPageLab();
    ({ pages, site, inside, fetcher, renderer, workDir, open, see } = lab);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test('is what its scripts made of it, at the address and with the status that it was fetched with', async () => {
    pages['/spa'] = `<title>Spa</title><div id="root"></div><script>
      fetch('/api/items').then((answer) => answer.json()).then((items) => {
        document.getElementById('root').innerHTML = items.map((item) => '<h2>' + item + '</h2>').join('');
        history.pushState({}, '', '/elsewhere');
      });</script>`;
    pages['/api/items'] = respond(200, { 'content-type': 'application/json' }, '["Rye bread", "Käse"]');
    const always = createPageFetcher({ fetcher, renderer, render: 'always' });
    const asked = site.lines.length;
    const response = await always.fetch(`${site.origin}/spa`);
    expect(response).toMatchObject({
      url: `${site.origin}/spa`,
      status: 200,
      contentType: 'text/html',
      fileName: undefined,
      charset: 'utf-8',
    });
    expect(response.body.toString('utf8')).toContain('<h2>Rye bread</h2><h2>Käse</h2>');
    expect(site.lines.slice(asked)).toEqual(['GET /spa', 'GET /api/items']);
  });

  test('loads neither images nor media nor fonts, and opens no window and keeps no worker', async () => {
    pages['/heavy'] = `<style>@font-face { font-family: x; src: url(/font.woff) } p { font-family: x }</style>
      <p id=p>text</p><img src=/image.png><video src=/film.mp4 autoplay></video><audio src=/a.mp3 autoplay></audio>
      <iframe src=http://elsewhere.example/frame></iframe><a id=d href=/file.zip download>d</a><script>
      window.open('/popup'); document.getElementById('d').click();
      navigator.serviceWorker?.register('/worker.js').catch(() => {});
      </script>`;
    const asked = site.lines.length;
    expect(await see('/heavy')).toContain('text');
    const loaded = site.lines.slice(asked);
    expect(loaded.filter((line) => /png|mp4|mp3|woff|frame|popup|worker/.test(line))).toEqual([]);
  });

  test('shows open shadow roots, frames of its own origin, and what a timer draws', async () => {
    const inner = (words: string) => `this.attachShadow({ mode: 'open' }).innerHTML = '<p>${words}</p>'`;
    pages['/parts'] = `<html lang=en><main><x-outer></x-outer><iframe src=/parts/frame></iframe>
      <iframe srcdoc="<p>words of a srcdoc</p>"></iframe><div id=late></div></main><script>
      customElements.define('x-inner', class extends HTMLElement { connectedCallback() { ${inner('words of an inner root')} } });
      customElements.define('x-outer', class extends HTMLElement { connectedCallback() { ${inner('words of a root <x-inner></x-inner>')} } });
      setTimeout(() => { late.textContent = 'words of a timer' }, 400)</script>`;
    pages['/parts/frame'] = `<body><p>words of a frame</p><a href=next>next</a><script>
      document.body.append('words that scripts add to a frame')</script>`;
    const { document, links } = readHtml(await see('/parts'), { url: `${site.origin}/parts` });
    for (const part of ['a root', 'an inner root', 'a frame', 'a srcdoc', 'a timer'])
      expect(document.text).toContain(`words of ${part}`);
    expect(document.text).toContain('words that scripts add to a frame');
    expect(document.language).toBe('en');
    expect(links.map(({ url }) => url)).toEqual([`${site.origin}/parts/next`]);
  });

  test('takes no frame of another origin, of a redirect there, or without end', async () => {
    await using other = await startSite({ '/secret': '<p>words of another site</p>' });
    pages['/moved'] = redirectTo(`${other.origin}/secret`);
    pages['/nested'] =
      '<p>nested</p><script>document.body.append(Object.assign(document.createElement("iframe"), { src: "/nested?" + Math.random() }))</script>';
    pages['/frames'] =
      `<p>own words</p><iframe src=${other.origin}/secret></iframe><iframe src=/moved></iframe><iframe src=/nested></iframe>`;
    const html = await see('/frames');
    expect(html).toContain('own words');
    expect(html).not.toContain('words of another site');
    expect(other.lines).toEqual([]);
    expect(site.lines.filter((line) => line.includes('/nested')).length).toBeLessThan(25);
  });

  test('waits as it is asked, and not without end', async () => {
    pages['/slow-words'] = `<p>${'Words that are there at once. '.repeat(5)}</p><script>
      setTimeout(() => { document.body.append(Object.assign(document.createElement('b'), { className: 'late', textContent: 'late ' + 'words' })) }, 2000)</script>`;
    await using own = open({ selectorMs: 3000 });
    const seeAfter = async (waitFor: number | string | undefined) => {
      const always = createPageFetcher({ fetcher, renderer: own, render: 'always', waitFor });
      const { body, warning } = await always.fetch(`${site.origin}/slow-words`);
      return [body.toString().includes('late words'), warning];
    };
    expect(await seeAfter(2500)).toEqual([true, undefined]);
    expect(await seeAfter('b.late')).toEqual([true, undefined]);
    // Neither one that never matches nor one that is none keeps a page for ever, and the page says so.
    expect(await seeAfter('b.never')).toEqual([
      expect.any(Boolean),
      'waitFor "b.never": nothing matched within 3 seconds; the page was taken as it was',
    ]);
    expect(await seeAfter('b:never')).toEqual([
      expect.any(Boolean),
      'waitFor "b:never": the browser does not know such a selector; the page was taken as it was',
    ]);
  });

  test('shows the page of a route in its fragment, and leads on to others', async () => {
    pages['/app'] = `<div id=root></div><script>
      const show = () => { root.innerHTML = '<h1>Route ' + location.hash + '</h1><a href="#/two">two</a> <a href="#part">part</a>' };
      addEventListener('hashchange', show); show();</script>`;
    const always = createPageFetcher({ fetcher, renderer, render: 'always' });
    const { url, body } = await always.fetch(`${site.origin}/app#/one`);
    expect(url).toBe(`${site.origin}/app#/one`);
    const page = readHtml(body.toString(), { url, keepsRoutes: true });
    expect(page.document.text).toContain('Route #/one');
    expect(page.links.map((link) => link.url)).toEqual([`${site.origin}/app#/two`, `${site.origin}/app`]);
  });

  test('gives a picture of itself, with its images', async () => {
    pages['/picture'] = '<body style="margin:0"><img src=/red.svg width=100 height=100>';
    pages['/red.svg'] = respond(
      200,
      { 'content-type': 'image/svg+xml' },
      '<svg xmlns="http://www.w3.org/2000/svg"/>',
    );
    await using own = openRenderer({
      settings,
      egress: lab.egress,
      workDir,
      userAgent: 'test',
      takesScreenshots: true,
    });
    const always = createPageFetcher({ fetcher, renderer: own, render: 'always' });
    const { screenshot } = await always.fetch(`${site.origin}/picture`);
    expect(screenshot?.subarray(1, 4).toString()).toBe('PNG');
    expect([screenshot?.readUInt32BE(16), screenshot?.readUInt32BE(20)]).toEqual([1280, 2000]);
    expect(site.lines).toContain('GET /red.svg');
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
    await using own = open({ pageMs: 4000, settleMs: 500 });
    expect(await see('/loop', own)).toBe('timeout');
    expect(await see('/plain', own)).toContain('plain');
  });

  test('what opens windows without end gets none', async () => {
    pages['/windows'] = `<p>text</p><a id=a href=/popup target=_blank>a</a><script>
      const opened = [];
      for (let i = 0; i < 300; i++) opened.push(window.open('/popup?' + i));
      document.getElementById('a').click();
      document.querySelector('p').textContent = opened.filter(Boolean).length + ' windows';</script>`;
    const asked = site.lines.length;
    expect(await see('/windows')).toContain('0 windows');
    expect(site.lines.slice(asked)).toEqual(['GET /windows']);
  });

  test('what fills every storage there is ends at its cap, at the next origin too', async () => {
    await using other = await startSite({ '/fill': fillEverything(site.origin) });
    const allowedOrigins = [site.origin, other.origin];
    await using way = await openEgress({ allowedOrigins });
    await using through = createFetcher({ userAgent: 'test', allowedOrigins, egress: way });
    await using own = openRenderer({ settings, egress: way, workDir, userAgent: 'test' });
    pages['/lead'] = `<script>location.href = '${other.origin}/fill'</script>`;
    pages['/here'] = fillEverything(site.origin);
    const always = createPageFetcher({ fetcher: through, renderer: own, render: 'always' });
    for (const path of ['/here', '/lead']) {
      const html = (await always.fetch(`${site.origin}${path}`)).body.toString();
      const kept = /cache (\d+), database (\d+)/.exec(html)?.slice(1).map(Number);
      expect(kept?.every((megabytes) => megabytes < 10)).toBe(true);
    }
  });

  test('a response of 200 MB is broken off', async () => {
    let sent = 0;
    pages['/large'] =
      `<body><script>fetch('/endless').then((r) => r.blob()).then(() => document.body.append('all'))</script>`;
    pages['/endless'] = (_request, response) => {
      const chunk = Buffer.alloc(1024 ** 2, 'x');
      const more = () => {
        while (!response.destroyed && sent < 200 * 1024 ** 2) {
          sent += chunk.length;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
    };
    expect(await see('/large')).toBe('too-large');
    expect(sent).toBeLessThan(150 * 1024 ** 2);
    pages['/itself'] = (request, response) => (pages['/endless'] as RequestListener)(request, response);
    sent = 0;
    expect(await see('/itself')).toBe('too-large');
    expect(sent).toBeLessThan(150 * 1024 ** 2);
  });

  test('what eats memory without end loses its own process, and no other', async () => {
    pages['/eater'] =
      '<p>text</p><script>const all = []; for (;;) all.push(new Array(1e6).fill(all.length + 0.5))</script>';
    pages['/plain'] = '<p>plain</p>';
    await using own = open();
    expect(['render-failed', 'timeout']).toContain(await see('/eater', own));
    expect(await see('/plain', own)).toContain('plain');
  });

  test('what reloads itself without end is given up', async () => {
    pages['/again'] = '<p>text</p><script>location.reload()</script>';
    pages['/refresh'] = '<meta http-equiv=refresh content="0"><p>text</p>';
    expect(await see('/again')).toBe('too-many-redirects');
    expect(await see('/refresh')).toBe('too-many-redirects');
  });

  test('too many nodes, too much text and too many bytes are refused', async () => {
    pages['/nodes'] =
      `<body><script>for (let i = 0; i < 5000; i++) document.body.append(document.createElement('i'))</script>`;
    pages['/text'] = `<body><script>document.body.append('x'.repeat(300_000))</script>`;
    pages['/bytes'] = `<body><script>fetch('/flood').then((r) => r.text())</script>`;
    pages['/flood'] = (_request, response) => void response.end('x'.repeat(3_000_000));
    await using own = open({ maxNodes: 1000, maxLength: 100_000, maxBytes: 1_000_000 });
    const seen = await Promise.all(['/nodes', '/text', '/bytes'].map((path) => see(path, own)));
    expect(seen).toEqual(['too-large', 'too-large', 'too-large']);
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

  test('broken TLS stays broken', async () => {
    const secure = await openTlsSite();
    const allowedOrigins = [site.origin, secure.origin];
    await using way = await openEgress({ allowedOrigins });
    await using own = openRenderer({
      settings,
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
    for (let i = 0; i < 3; i += 1) expect(await see('/plain', own)).toContain('plain');
    expect(own.launches).toBe(2);
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
    const asked = site.lines.length;
    pages['/hang'] = respond(200, { 'content-type': 'text/html' }, '<p>x</p><script src=/never.js></script>');
    pages['/never.js'] = () => {};
    const underWay = always
      .fetch(`${site.origin}/hang`, { signal: stop.signal })
      .catch((error: unknown) => error);
    await vi.waitFor(() => expect(site.lines.slice(asked)).toContain('GET /never.js'), {
      timeout: 10_000,
    });
    stop.abort();
    expect(await underWay).toMatchObject({ code: 'cancelled' });
    await own[Symbol.asyncDispose]();
  });
});

/** Speaks TLS with a certificate that nobody vouches for. */
async function openTlsSite() {
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

/** Says how many megabytes the page could keep. */
function fillEverything(name: string): string {
  return `<title>${name}</title><p id=p></p><script type=module>
    const megabyte = () => new Blob([crypto.getRandomValues(new Uint8Array(65_536)), 'x'.repeat(1_000_000)]);
    let [cached, stored] = [0, 0];
    try {
      const cache = await caches.open('c');
      for (; cached < 60; cached++) await cache.put('/' + cached, new Response(megabyte()));
    } catch {}
    try {
      const opening = indexedDB.open('d');
      opening.onupgradeneeded = () => opening.result.createObjectStore('s');
      await new Promise((done) => { opening.onsuccess = done; });
      for (; stored < 60; stored++) {
        const change = opening.result.transaction('s', 'readwrite');
        change.objectStore('s').put(megabyte(), stored);
        await new Promise((done, failed) => { change.oncomplete = done; change.onabort = failed; });
      }
    } catch {}
    document.getElementById('p').textContent = 'cache ' + cached + ', database ' + stored;
  </script>`;
}
