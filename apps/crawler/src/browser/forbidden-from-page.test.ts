import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createFetcher, openEgress } from '@xnai/egress';
import { FORBIDDEN_HOSTS, openDnsServer, redirectTo } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRenderer } from './open-renderer.ts';
import { createPageFetcher } from './page-fetcher.ts';
import { executable, openPageLab, type PageLab, settings } from './testing/page-lab.ts';
import { NEVER_ASKED, pageThatTries, WAYS_OUT } from './testing/ways-out.ts';

const sum = (refusals: object) => Object.values(refusals).reduce((total, count) => total + count, 0);

describe.skipIf(executable === undefined)('a page in the browser', { timeout: 60_000 }, () => {
  let lab: PageLab;
  let urls: string[];
  beforeAll(async () => {
    lab = await openPageLab();
    urls = FORBIDDEN_HOSTS.flatMap((host) => [
      `http://${host}/`,
      `https://${host}/`,
      `http://${host}:${lab.inside.port}/`,
    ]);
    urls.forEach((url, index) => {
      lab.pages[`/to/${index}`] = redirectTo(url);
    });
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  /** How many connections were refused to a page that tries all this, and then waits for so long. */
  async function tryAll(
    ways: readonly string[],
    targets: readonly string[],
    waitMs: number,
    first: readonly string[] = [],
  ) {
    const { pages, egress, inside } = lab;
    pages['/attack'] = pageThatTries(ways, targets, waitMs, first);
    const before = sum(egress.counts().refusals);
    await using own = lab.open({ maxRequests: 10_000, pageMs: 40_000, settleMs: waitMs + 1000 });
    const seen = /tried \d+|^[a-z-]+$/.exec(await lab.see('/attack', own))?.[0];
    expect(seen).toBe(`tried ${ways.length * targets.length}`);
    expect(inside.connections()).toBe(0);
    return sum(egress.counts().refusals) - before - first.length;
  }

  test('reaches nothing inside by fetch, script or image, however it is spelled', async () => {
    // A script is asked for once more where the fetch was refused; an image is not asked for at all.
    expect(await tryAll(['fetch', 'script', 'image'], urls, 8000)).toBeGreaterThan(240);
  });

  test('reaches nothing inside by a WebSocket, however it is spelled', async () => {
    // The browser waits between one socket to a host and the next.
    expect(await tryAll(['socket'], urls, 2500, ['http://loopback.test/'])).toBeGreaterThan(60);
  });

  test('reaches nothing inside by redirects of its own site', async () => {
    const redirects = urls.map((_, index) => `/to/${index}`);
    expect(await tryAll(['fetch'], redirects, 20_000)).toBeGreaterThan(120);
  });

  test('reaches nothing inside by any other part of the browser', async () => {
    const few = ['127.0.0.1', 'localhost', 'loopback.test'].map((host) => `http://${host}/`);
    const ways = Object.keys(WAYS_OUT);
    expect(ways.length).toBeGreaterThan(15);
    const asking = ways.filter((way) => !NEVER_ASKED.has(way));
    expect(await tryAll(asking, few, 1500)).toBeGreaterThan(asking.length);
    expect(await tryAll([...NEVER_ASKED], few, 500)).toBe(0);
  });

  test('gains nothing from a name that means something else each time it is asked for', async () => {
    const { inside, pages, site } = lab;
    await using dns = await openDnsServer((name, count) =>
      name === 'rebind.test' && count % 2 === 1 ? ['192.0.2.1'] : ['127.0.0.1'],
    );
    const allowedOrigins = [site.origin];
    await using way = await openEgress({ allowedOrigins, lookup: dns.lookup });
    await using through = createFetcher({ userAgent: 'test', allowedOrigins, egress: way });
    await using own = openRenderer({ settings, egress: way, workDir: lab.workDir, userAgent: 'test' });
    const targets = ['http://rebind.test/', 'https://rebind.test/', 'http://other.test/'];
    pages['/rebind'] = pageThatTries(['fetch', 'fetch', 'fetch', 'script', 'socket'], targets, 5000);
    const always = createPageFetcher({ fetcher: through, renderer: own, render: 'always' });
    const response = await always.fetch(`${site.origin}/rebind`);
    expect(response.body.toString()).toContain('tried 15');
    expect(dns.questions.filter((name) => name === 'rebind.test').length).toBeGreaterThan(4);
    expect(way.counts().refusals).toEqual({ 'not-public': dns.questions.length });
    expect(inside.connections()).toBe(0);
  });

  test('sends no packet past the proxy by WebRTC, however the server is spelled', async () => {
    const { pages, inside } = lab;
    const packets: unknown[] = [];
    const stun = createSocket('udp6').on('message', (packet) => packets.push(packet));
    stun.bind(0, '::');
    await once(stun, 'listening');
    const { port } = stun.address();
    const parsed = FORBIDDEN_HOSTS.flatMap((host) => URL.parse(`http://${host}/`)?.hostname ?? []);
    const hosts = [...new Set(parsed)];
    pages['/busy'] = '';
    pages['/rtc'] = `<p>gathering</p><script type="module">
      const hosts = ${JSON.stringify(hosts)};
      const credential = { username: 'u', credential: 'c' };
      const gather = (some) => new Promise((done) => {
        const peer = new RTCPeerConnection({ iceServers: some.flatMap((host) => [
          { urls: 'stun:' + host + ':${port}' }, { urls: 'turn:' + host + ':${port}', ...credential },
          { urls: ['turn:' + host + ':${inside.port}?transport=tcp', 'turns:' + host + ':443?transport=tcp'], ...credential },
        ]) });
        let found = 0;
        const end = () => { peer.close(); done(found); };
        peer.onicecandidate = ({ candidate }) => { if (candidate === null) end(); else found += 1; };
        setTimeout(end, 2000);
        peer.createDataChannel('x');
        peer.createOffer().then((offer) => peer.setLocalDescription(offer));
      });
      const busy = setInterval(() => fetch('/busy'), 50);
      let asked = 0;
      const peers = [];
      for (let i = 0; i < hosts.length; i += 4) { peers.push(gather(hosts.slice(i, i + 4))); asked += hosts.slice(i, i + 4).length; }
      const found = await Promise.all(peers);
      clearInterval(busy);
      document.querySelector('p').textContent = asked + ' hosts, found ' + found.reduce((a, b) => a + b, 0);
    </script>`;
    const html = await lab.see('/rtc');
    expect(/\d+ hosts, found \d+/.exec(html)?.[0]).toBe(`${hosts.length} hosts, found 0`);
    expect(packets).toEqual([]);
    expect(inside.connections()).toBe(0);
    stun.close();
    await once(stun, 'close');
  });
});
