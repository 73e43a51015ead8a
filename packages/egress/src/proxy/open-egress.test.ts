import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  FORBIDDEN_HOSTS,
  hostileNames,
  type Inside,
  lookupFrom,
  openDnsServer,
  openInside,
  startSite,
  type TestSite,
  v4,
} from '@xnai/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createFetcher } from '../fetch/fetcher.ts';
import { FetchError } from '../fetch-error.ts';
import { exposedSockets } from './exposed-sockets.ts';
import { type Egress, openEgress } from './open-egress.ts';

let inside: Inside;
let open: TestSite;
beforeAll(async () => {
  inside = await openInside();
  open = await startSite({ '/': 'welcome', '/long': 'x'.repeat(2_000_000) });
});
afterAll(async () => {
  await inside[Symbol.asyncDispose]();
  await open[Symbol.asyncDispose]();
});

/** Writes what a client would, byte for byte, and gives all that comes back. */
async function say(egress: Egress, lines: readonly string[]): Promise<string> {
  const socket = connect(egress.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return text(socket).catch(() => '');
}

function authorization({ credential: { username, password } }: Pick<Egress, 'credential'>): string {
  return `Proxy-Authorization: Basic ${btoa(`${username}:${password}`)}`;
}

function statusOf(answer: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

test('no spelling of an inside address gets a tunnel or a forwarded request', async () => {
  await using egress = await openEgress({ lookup: lookupFrom(hostileNames()) });
  expect(FORBIDDEN_HOSTS.length).toBeGreaterThanOrEqual(60);
  for (const host of FORBIDDEN_HOSTS) {
    for (const port of [80, 443, inside.port]) {
      const tunnel = [`CONNECT ${host}:${port} HTTP/1.1`, `Host: ${host}`, authorization(egress)];
      const plain = [`GET http://${host}:${port}/ HTTP/1.1`, `Host: ${host}`, authorization(egress)];
      // Latin-1 on the wire; a name that is no host is refused as such.
      expect([host, [400, 403, 502]]).toEqual([
        host,
        expect.arrayContaining([statusOf(await say(egress, tunnel))]),
      ]);
      expect([host, [400, 403, 502]]).toEqual([
        host,
        expect.arrayContaining([statusOf(await say(egress, plain))]),
      ]);
    }
  }
  expect(inside.connections()).toBe(0);
  const { refusals } = egress.counts();
  expect(refusals['not-public']).toBeGreaterThan(150);
  expect(refusals.port).toBeGreaterThan(100);
});

test('the port list holds for public addresses too', async () => {
  await using egress = await openEgress({ lookup: lookupFrom({ 'public.test': [v4('93.184.216.34')] }) });
  for (const port of [21, 22, 25, 8080, 6379]) {
    const answer = await say(egress, [
      `CONNECT public.test:${port} HTTP/1.1`,
      authorization(egress),
      'Host: x',
    ]);
    expect([port, statusOf(answer)]).toEqual([port, 403]);
  }
  expect(egress.counts().refusals).toEqual({ port: 5 });
});

test('no request passes without the credential of the proxy', async () => {
  await using egress = await openEgress({ allowedOrigins: [open.origin] });
  const asked = open.connections();
  const host = `127.0.0.1:${open.port}`;
  for (const header of ['', 'Proxy-Authorization: Basic Y3Jhd2w6d3Jvbmc=', 'Proxy-Authorization: Basic !']) {
    for (const line of [`CONNECT ${host} HTTP/1.1`, `GET http://${host}/ HTTP/1.1`]) {
      const answer = await say(egress, [line, `Host: ${host}`, ...(header === '' ? [] : [header])]);
      expect([407, 400]).toContain(statusOf(answer));
    }
  }
  expect(open.connections()).toBe(asked);
  expect(egress.counts().refusals.credential).toBe(2);
});

test('an allowed private origin is open to the owner, and neither to a page nor on behalf of one', async () => {
  // The end of the tunnels, through which nothing is sent; the other request is to be answered before, also on a busy machine.
  await using egress = await openEgress({ allowedOrigins: [open.origin], caps: { maxAgeMs: 2000 } });
  const host = `127.0.0.1:${open.port}`;
  using pass = egress.issuePass({ maxBytes: Infinity, onSpent: () => {} });
  const statusesWith = async (given: Pick<Egress, 'credential'>) => {
    const lines = [`CONNECT ${host} HTTP/1.1`, `GET http://${host}/ HTTP/1.1`];
    const answers = lines.map((line) => say(egress, [line, `Host: ${host}`, authorization(given)]));
    return (await Promise.all(answers)).map(statusOf);
  };
  expect(await statusesWith(egress)).toEqual([200, 200]);
  expect(await statusesWith(pass)).toEqual([403, 403]);
  expect(await statusesWith({ credential: egress.publicCredential })).toEqual([403, 403]);
  const inNameOfOwner = { ...egress.credential, password: pass.credential.password };
  expect(await statusesWith({ credential: inNameOfOwner })).toEqual([407, 407]);
});

test('two egresses have two credentials, and each only listens on loopback', async () => {
  const before = exposedSockets().length;
  await using one = await openEgress();
  await using other = await openEgress();
  expect(one.credential.password).not.toBe(other.credential.password);
  expect(exposedSockets()).toHaveLength(before);
  const answer = await say(one, [`CONNECT 127.0.0.1:80 HTTP/1.1`, 'Host: x', authorization(other)]);
  expect(statusOf(answer)).toBe(407);
});

test('a name that leads inside is asked about once for each connection and refused', async () => {
  await using dns = await openDnsServer((_name, count) =>
    count % 2 === 1 ? ['127.0.0.1'] : ['10.0.0.1', '8.8.8.8'],
  );
  await using egress = await openEgress({ lookup: dns.lookup, caps: { maxAgeMs: 100 } });
  for (let connection = 1; connection <= 6; connection += 1) {
    const answer = await say(egress, ['CONNECT rebind.test:80 HTTP/1.1', 'Host: x', authorization(egress)]);
    expect(statusOf(answer)).toBe(403);
    expect(dns.questions).toHaveLength(connection);
  }
});

test('the resolved address is dialled, whatever the name resolves to a moment later', async () => {
  await using trap = await startSite({ '/': 'trap' }, { host: '127.0.0.2', port: open.port });
  await using dns = await openDnsServer((_name, count) => [count === 1 ? '127.0.0.1' : '127.0.0.2']);
  const origin = `http://inside.test:${open.port}`;
  await using egress = await openEgress({ allowedOrigins: [origin], lookup: dns.lookup });
  await using fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [origin], egress });
  expect((await fetcher.fetch(`${origin}/`)).body.toString()).toBe('welcome');
  expect(dns.questions).toEqual(['inside.test']);
  expect(trap.connections()).toBe(0);
});

test('a connection that carries more than its cap is cut, and counted', async () => {
  await using flood = await openFlood();
  await using own = await openEgress({ allowedOrigins: [flood.origin], caps: { maxBytes: 100_000 } });
  const answer = await say(own, [`CONNECT 127.0.0.1:${flood.port} HTTP/1.1`, 'Host: x', authorization(own)]);
  expect(answer.length).toBeGreaterThan(100_000);
  expect(own.counts().refusals).toEqual({ bytes: 1 });
  expect(own.counts().bytes).toBeGreaterThan(100_000);
});

test('all connections of a pass together carry no more than its cap, and none comes after it', async () => {
  await using flood = await openFlood();
  await using own = await openEgress({ allowedOrigins: [flood.origin] });
  let spent = 0;
  const onSpent = () => {
    spent += 1;
  };
  const pass = own.issuePass({ maxBytes: 300_000, onSpent, reach: 'allowed' });
  const ask = (given: Pick<Egress, 'credential'>) =>
    say(own, [`CONNECT 127.0.0.1:${flood.port} HTTP/1.1`, 'Host: x', authorization(given)]);
  const answers = await Promise.all([ask(pass), ask(pass), ask(pass)]);
  expect(answers.join('').length).toBeGreaterThan(300_000);
  expect(spent).toBe(1);
  expect(own.counts().refusals).toEqual({ bytes: 1 });
  expect(statusOf(await ask(pass))).toBe(502);
  pass[Symbol.dispose]();
  expect(statusOf(await ask(pass))).toBe(407);
});

test('a pass that is disposed of takes its connections along, and only those', async () => {
  await using flood = await openFlood();
  await using own = await openEgress({
    allowedOrigins: [flood.origin],
    caps: { maxAgeMs: 1000, maxBytes: Infinity },
  });
  const passes = [1, 2].map(() => own.issuePass({ maxBytes: Infinity, onSpent: () => {}, reach: 'allowed' }));
  const ended: number[] = [];
  const underWay = passes.map((pass, index) =>
    say(own, [`CONNECT 127.0.0.1:${flood.port} HTTP/1.1`, 'Host: x', authorization(pass)]).then(() =>
      ended.push(index),
    ),
  );
  await vi.waitUntil(() => own.counts().bytes > 100_000);
  passes[1]?.[Symbol.dispose]();
  await underWay[1];
  expect(ended).toEqual([1]);
  await underWay[0];
  expect(own.counts().refusals).toEqual({ age: 1 });
});

test('a connection that lasts longer than its cap is cut', async () => {
  await using egress = await openEgress({ allowedOrigins: [open.origin], caps: { maxAgeMs: 30 } });
  const answer = await say(egress, [
    `CONNECT 127.0.0.1:${open.port} HTTP/1.1`,
    'Host: x',
    authorization(egress),
  ]);
  expect(answer).toContain('200');
  expect(egress.counts().refusals).toEqual({ age: 1 });
});

test('connections and bytes are counted while they last and after', async () => {
  await using egress = await openEgress({ allowedOrigins: [open.origin] });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [open.origin], egress });
  await fetcher.fetch(`${open.origin}/long`);
  expect(egress.counts()).toEqual({ connections: 1, bytes: expect.any(Number), refusals: {} });
  expect(egress.counts().bytes).toBeGreaterThan(2_000_000);
  await fetcher.close();
  await vi.waitFor(() => expect(egress.counts().bytes).toBeGreaterThan(2_000_000));
});

test('a resolver that does not answer is given up', async () => {
  await using egress = await openEgress({ lookup: () => {}, caps: { resolveMs: 20 } });
  await using fetcher = createFetcher({ userAgent: 'test', egress });
  const error = await fetcher.fetch('http://silent.test/').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FetchError);
  expect(error).toMatchObject({ code: 'network-error', retryable: true });
  expect(egress.counts().refusals).toEqual({ 'not-resolved': 1 });
});

/** Sends without end to every client. */
async function openFlood() {
  const server = createServer((socket) => {
    const chunk = Buffer.alloc(16 * 1024, 'x');
    const more = () => {
      while (socket.writable && socket.write(chunk));
    };
    socket.on('drain', more).on('error', () => {});
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
