import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type Handler, redirectTo, respond, SELF_SIGNED, startSite, type TestSite } from '@xnai/testing';
import { afterEach, expect, test } from 'vitest';
import { FetchError } from '../fetch-error.ts';
import { openEgress } from '../proxy/open-egress.ts';
import type { FetchLimits } from './fetch-limits.ts';
import { createFetcher, type Fetcher } from './fetcher.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function start(
  pages: Parameters<typeof startSite>[0],
  limits: Partial<FetchLimits> = {},
): Promise<{ site: TestSite; fetcher: Fetcher }> {
  const site = await startSite(pages);
  const fetcher = createFetcher({ userAgent: 'XoeNovAi/0.1 (+test)', allowedOrigins: [site.origin], limits });
  open.push(site, fetcher);
  return { site, fetcher };
}

async function failureOf(promise: Promise<unknown>): Promise<FetchError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FetchError)) throw new Error(`expected a FetchError, got ${String(error)}`);
  return error;
}

test('a page comes with its status, type, charset and sizes, and the server is told who asks', async () => {
  const { site, fetcher } = await start({
    '/': respond(200, { 'content-type': 'Text/HTML; Charset="ISO-8859-1"' }, 'hello'),
  });
  const response = await fetcher.fetch(`${site.origin}/#part`);
  expect(response).toMatchObject({
    url: `${site.origin}/`,
    status: 200,
    contentType: 'text/html',
    charset: 'iso-8859-1',
    redirects: [],
    wireBytes: 5,
    decodedBytes: 5,
  });
  expect(response.body.toString()).toBe('hello');
  expect(site.requests[0]?.headers).toMatchObject({ 'user-agent': 'XoeNovAi/0.1 (+test)' });
});

test.each([
  ['gzip', gzipSync('compressed text')],
  ['x-gzip', gzipSync('compressed text')],
  ['br', brotliCompressSync('compressed text')],
  ['zstd', zstdCompressSync('compressed text')],
  ['deflate', deflateSync('compressed text')],
  ['deflate', deflateRawSync('compressed text')],
  ['deflate', gzipSync('compressed text')],
  ['gzip', Buffer.concat([gzipSync('compressed '), gzipSync('text')])],
  ['gzip', Buffer.concat([gzipSync('compressed text'), Buffer.from('<!-- cached -->')])],
  ['gzip', Buffer.concat([gzipSync('compressed text'), Buffer.alloc(20)])],
  ['gzip', gzipWithHeaderFields('compressed text')],
  ['gzip', Buffer.from('compressed text')],
  ['zstd', Buffer.from('compressed text')],
  ['none', Buffer.from('compressed text')],
  ['UTF-8', Buffer.from('compressed text')],
  ['binary', Buffer.from('compressed text')],
  ['8bit, gzip', gzipSync('compressed text')],
  ['identity', Buffer.from('compressed text')],
  ['gzip, br', brotliCompressSync(gzipSync('compressed text'))],
])('content encoding %s is undone', async (encoding, body) => {
  const { site, fetcher } = await start({ '/': respond(200, { 'content-encoding': encoding }, body) });
  const response = await fetcher.fetch(`${site.origin}/`);
  expect(response.body.toString()).toBe('compressed text');
  expect(response.wireBytes).toBe(body.length);
});

/** A gzip member with extra field, name, comment and checksum of the header (RFC 1952 section 2.3). */
function gzipWithHeaderFields(text: string): Buffer {
  const plain = gzipSync(text);
  const fields = Buffer.from('\x03\0abcname.html\0comment\0\x01\x02', 'latin1');
  const head = Buffer.concat([plain.subarray(0, 10), fields]);
  head[3] = 2 | 4 | 8 | 16;
  return Buffer.concat([head, plain.subarray(10)]);
}

test.each(['gzip', 'deflate', 'br', 'zstd'])('a plain page that is labelled %s is read', async (encoding) => {
  const page = '<!DOCTYPE html><p>Text</p>';
  const { site, fetcher } = await start({ '/': respond(200, { 'content-encoding': encoding }, page) });
  expect((await fetcher.fetch(`${site.origin}/`)).body.toString()).toBe(page);
});

test('long text in gzip comes whole, and its beginning when the data ends early', async () => {
  const text = Array.from({ length: 200_000 }, (_, number) => `line ${number}`).join('\n');
  const packed = gzipSync(text);
  const { site, fetcher } = await start({
    '/whole': respond(200, { 'content-encoding': 'gzip' }, packed),
    '/cut': respond(200, { 'content-encoding': 'gzip' }, packed.subarray(0, packed.length / 2)),
  });
  expect((await fetcher.fetch(`${site.origin}/whole`)).body.toString()).toBe(text);
  const cut = (await fetcher.fetch(`${site.origin}/cut`)).body.toString();
  expect(text.startsWith(cut)).toBe(true);
  expect(cut.length).toBeGreaterThan(text.length / 3);
});

test('an encoding that was not requested, or three of them, is refused', async () => {
  const { site, fetcher } = await start({
    '/odd': respond(200, { 'content-encoding': 'compress' }, 'x'),
    '/three': respond(200, { 'content-encoding': 'gzip, gzip, gzip' }, 'x'),
    '/broken': respond(
      200,
      { 'content-encoding': 'gzip' },
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 255, 255]),
    ),
  });
  expect((await failureOf(fetcher.fetch(`${site.origin}/odd`))).code).toBe('content-type');
  expect((await failureOf(fetcher.fetch(`${site.origin}/three`))).code).toBe('content-type');
  expect(await failureOf(fetcher.fetch(`${site.origin}/broken`))).toMatchObject({
    code: 'network-error',
    retryable: false,
  });
});

test('300 KB that unpack to 300 MB are refused at the cap, and memory stays flat', async () => {
  const part = gzipSync(Buffer.alloc(30_000_000));
  const bomb = Buffer.concat(Array.from({ length: 10 }, () => part));
  expect(bomb.length).toBeLessThan(320_000);
  const { site, fetcher } = await start(
    { '/': respond(200, { 'content-encoding': 'gzip' }, bomb) },
    { maxRatio: 1e9 },
  );

  const stream = await fetcher.open(`${site.origin}/`);
  const before = process.memoryUsage().arrayBuffers;
  let peak = 0;
  let received = 0;
  const failure = await failureOf(
    (async () => {
      for await (const chunk of stream.chunks) {
        received += chunk.length;
        peak = Math.max(peak, process.memoryUsage().arrayBuffers - before);
      }
    })(),
  );
  expect(failure.code).toBe('too-large');
  expect(received).toBeLessThanOrEqual(10 * 1024 * 1024);
  expect(received).toBeGreaterThan(9 * 1024 * 1024);
  expect(peak).toBeLessThan(64 * 1024 * 1024);
});

test('a bomb under the cap is known by its ratio', async () => {
  const bomb = gzipSync(Buffer.alloc(5_000_000));
  const { site, fetcher } = await start({ '/': respond(200, { 'content-encoding': 'gzip' }, bomb) });
  const stream = await fetcher.open(`${site.origin}/`);
  let received = 0;
  const failure = await failureOf(
    (async () => {
      for await (const chunk of stream.chunks) received += chunk.length;
    })(),
  );
  expect(failure.code).toBe('too-large');
  expect(received).toBeLessThan(1_100_000);
});

test('exactly the cap passes and one byte more does not, announced or not', async () => {
  const { site, fetcher } = await start(
    {
      '/fits': respond(200, {}, Buffer.alloc(1000, 'a')),
      '/announced': respond(200, { 'content-length': '1001' }, Buffer.alloc(1001, 'a')),
      '/chunked': (_request, response) => {
        response.write(Buffer.alloc(1000, 'a'));
        response.end('a');
      },
    },
    { maxDecodedBytes: 1000 },
  );
  expect((await fetcher.fetch(`${site.origin}/fits`)).decodedBytes).toBe(1000);
  expect((await failureOf(fetcher.fetch(`${site.origin}/announced`))).code).toBe('too-large');
  expect((await failureOf(fetcher.fetch(`${site.origin}/chunked`))).code).toBe('too-large');
});

test('redirects are followed and told, with relative and raw UTF-8 locations', async () => {
  const { site, fetcher } = await start({
    '/a': redirectTo('/b', 301),
    '/b': redirectTo('/ä b?x=1#part', 307),
    '/%C3%A4%20b?x=1': 'there',
  });
  const response = await fetcher.fetch(`${site.origin}/a`);
  expect(response.url).toBe(`${site.origin}/%C3%A4%20b?x=1`);
  expect(response.redirects).toEqual([`${site.origin}/a`, `${site.origin}/b`]);
  expect(response.body.toString()).toBe('there');
});

test('a redirect loop ends at the first URL seen twice, a chain after five hops', async () => {
  const chain = Object.fromEntries(
    Array.from({ length: 7 }, (_, index) => [`/${index}`, redirectTo(`/${index + 1}`)]),
  );
  const { site, fetcher } = await start({
    ...chain,
    '/x': redirectTo('/y'),
    '/y': redirectTo('/x'),
    '/self': redirectTo('/self'),
  });
  expect((await failureOf(fetcher.fetch(`${site.origin}/x`))).code).toBe('too-many-redirects');
  expect((await failureOf(fetcher.fetch(`${site.origin}/self`))).code).toBe('too-many-redirects');
  expect(site.lines).toEqual(['GET /x', 'GET /y', 'GET /self']);
  expect((await failureOf(fetcher.fetch(`${site.origin}/0`))).code).toBe('too-many-redirects');
  expect(site.lines.slice(3)).toEqual(['GET /0', 'GET /1', 'GET /2', 'GET /3', 'GET /4', 'GET /5']);
  expect(await fetcher.fetch(`${site.origin}/3`)).toMatchObject({ status: 404, url: `${site.origin}/7` });
});

test('a page that sets a cookie and redirects to itself is read, and the cookie ends with that', async () => {
  const { site, fetcher } = await start({
    '/page': (request, response) => {
      if (request.headers.cookie === 'seen=1') return response.end('text');
      return response.writeHead(302, { 'set-cookie': 'seen=1; Path=/', location: '/page' }).end();
    },
    '/other': 'other',
    '/new': redirectToWith('/new', ['n=1; HttpOnly']),
    '/counts': (request, response) => {
      const count = Number(/n=(\d+)/.exec(request.headers.cookie ?? '')?.[1] ?? 0) + 1;
      response.writeHead(302, { 'set-cookie': `n=${count}`, location: '/counts' }).end();
    },
  });
  const response = await fetcher.fetch(`${site.origin}/page`);
  expect(response.body.toString()).toBe('text');
  await fetcher.fetch(`${site.origin}/other`);
  expect(site.requests.at(-1)?.headers.cookie).toBeUndefined();
  expect((await failureOf(fetcher.fetch(`${site.origin}/new`))).code).toBe('too-many-redirects');
  expect(site.lines.slice(3)).toEqual(['GET /new', 'GET /new']);
  expect((await failureOf(fetcher.fetch(`${site.origin}/counts`))).code).toBe('too-many-redirects');
  expect(site.lines.slice(5)).toHaveLength(6);
});

test('a cookie goes where it belongs only', async () => {
  const elsewhere = await startSite({ '/end': redirectTo('/here') }, { host: '127.0.0.2' });
  const site = await startSite({
    '/a/start': redirectToWith('/a/next', [
      'here=1',
      'all=2; Path=/',
      'no=3; Path=/b',
      'far=4; Domain=example.com',
      'safe=5; Secure',
    ]),
    '/a/next': redirectToWith('/out', ['here=; Max-Age=0', 'old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT']),
    '/out': redirectTo(`${elsewhere.origin}/end`),
  });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin, elsewhere.origin] });
  open.push(elsewhere, site, fetcher);
  await fetcher.fetch(`${site.origin}/a/start`);
  expect(site.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, 'here=1; all=2', 'all=2']);
  expect(elsewhere.requests.map(({ headers }) => headers.cookie)).toEqual([undefined, undefined]);
});

function redirectToWith(location: string, cookies: readonly string[]): Handler {
  return (_request, response) => response.writeHead(302, { location, 'set-cookie': [...cookies] }).end();
}

test.each([
  'ftp://example.com/',
  'http:\\\\evil',
  'http://user:pw@example.com/',
  '\\\\evil/',
  'javascript:alert(1)',
])('a redirect to %s is not followed', async (location) => {
  const { site, fetcher } = await start({ '/': redirectTo(location) });
  expect((await failureOf(fetcher.fetch(`${site.origin}/`))).code).toBe('url-invalid');
});

test('each hop is put to the caller, who may refuse it before it is asked for', async () => {
  const { site, fetcher } = await start({ '/a': redirectTo('/b'), '/b': redirectTo('/c'), '/c': 'c' });
  const asked: string[] = [];
  const refusal = new RangeError('out of scope');
  const checkRedirect = async ({ pathname }: URL) => {
    asked.push(pathname);
    if (pathname === '/c') throw refusal;
  };
  await expect(fetcher.fetch(`${site.origin}/a`, { checkRedirect })).rejects.toBe(refusal);
  expect(asked).toEqual(['/b', '/c']);
  expect(site.lines).toEqual(['GET /a', 'GET /b']);
});

test("the caller's headers stay with the origin they were meant for", async () => {
  const elsewhere = await startSite({ '/end': 'end' });
  const site = await startSite({
    '/here': redirectTo('/there'),
    '/there': redirectTo(`${elsewhere.origin}/end`),
  });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [site.origin, elsewhere.origin] });
  open.push(elsewhere, site, fetcher);
  await fetcher.fetch(`${site.origin}/here`, { headers: { authorization: 'Bearer secret', cookie: 'a=b' } });
  expect(site.requests.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer secret',
    'Bearer secret',
  ]);
  expect(elsewhere.requests[0]?.headers.authorization).toBeUndefined();
  expect(elsewhere.requests[0]?.headers.cookie).toBeUndefined();
});

test('statuses of 400 and over are responses, and say when to come back', async () => {
  const { site, fetcher } = await start({
    '/404': respond(404, {}, 'no'),
    '/503': respond(503, { 'retry-after': '7' }, 'later'),
  });
  expect(await fetcher.fetch(`${site.origin}/404`)).toMatchObject({ status: 404, retryAfterMs: undefined });
  expect(await fetcher.fetch(`${site.origin}/503`)).toMatchObject({ status: 503, retryAfterMs: 7000 });
});

test('a type that is not wanted is given up before its body is read', async () => {
  const { site, fetcher } = await start({
    '/': (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/pdf', 'content-length': '1000000' });
      response.write('%PDF');
    },
  });
  const failure = await failureOf(
    fetcher.fetch(`${site.origin}/`, {
      isTypeAccepted: ({ contentType }) => contentType === 'text/html',
      totalTimeoutMs: 5000,
    }),
  );
  expect(failure).toMatchObject({ code: 'content-type', retryable: false, status: 200 });
});

test('a server that drips its body is given up in time', async () => {
  const { site, fetcher } = await start(
    {
      '/': (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html' });
        const drip = setInterval(() => response.write('a'), 10);
        response.on('close', () => clearInterval(drip));
      },
    },
    { totalTimeoutMs: 300 },
  );
  expect(await failureOf(fetcher.fetch(`${site.origin}/`))).toMatchObject({
    code: 'timeout',
    retryable: true,
  });
});

test.each([
  ['says nothing', () => {}],
  [
    'drips its headers',
    (socket: Socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-drip: a\r\n'), 10);
      socket.on('close', () => clearInterval(drip));
    },
  ],
])('a server that %s is given up in time', async (_name, speak) => {
  await using server = await openTcpServer((socket) => socket.once('data', () => speak(socket)));
  await using fetcher = createFetcher({
    userAgent: 'test',
    allowedOrigins: [server.origin],
    limits: { totalTimeoutMs: 300 },
  });
  expect((await failureOf(fetcher.fetch(`${server.origin}/`))).code).toBe('timeout');
});

test('headers have a size and a number', async () => {
  const { site, fetcher } = await start(
    {
      '/long': respond(200, { 'x-long': 'a'.repeat(9000) }),
      '/many': respond(
        200,
        Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x-${index}`, 'a'])),
      ),
      '/fine': respond(200, { 'x-short': 'a' }),
    },
    { maxHeaderBytes: 8192, maxHeaders: 50 },
  );
  expect((await failureOf(fetcher.fetch(`${site.origin}/long`))).code).toBe('too-large');
  expect((await failureOf(fetcher.fetch(`${site.origin}/many`))).code).toBe('too-large');
  expect((await fetcher.fetch(`${site.origin}/fine`)).status).toBe(200);
});

test('a body that ends early is a network error worth another try', async () => {
  const { site, fetcher } = await start({
    '/': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      response.socket?.end();
    },
  });
  expect(await failureOf(fetcher.fetch(`${site.origin}/`))).toMatchObject({
    code: 'network-error',
    retryable: true,
  });
});

test.each([
  ['shorter than stated', 'Content-Length: 500\r\n\r\n<p>all</p>'],
  ['without a last chunk', 'Transfer-Encoding: chunked\r\n\r\na\r\n<p>all</p>\r\n'],
  ['with a broken chunk', 'Transfer-Encoding: chunked\r\n\r\na\r\n<p>all</p>\r\nzz\r\n'],
])('a body %s is taken when it is so again, where that is asked for', async (_how, rest) => {
  let requests = 0;
  const server = await openTcpServer((socket) => {
    socket.once('data', () => {
      requests += 1;
      socket.end(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${rest}`);
    });
  });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [server.origin] });
  open.push(server, fetcher);
  const response = await fetcher.fetch(server.origin, { isCutTaken: true });
  expect(response.body.toString()).toBe('<p>all</p>');
  expect(requests).toBe(2);
});

test.each([
  ['with LF at the end of all lines', 'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 10\n\n'],
  ['with LF here and there', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\nContent-Length: 10\r\n\r\n'],
  ['with a bare LF at its end', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\n'],
  ['with a bare LF at its end and no length', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\n'],
  ['with CRLF at its end alone', 'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 10\n\r\n'],
  ['with LF in its first line alone', 'HTTP/1.1 200\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n'],
  ['with a bare LF and a redirect', 'HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\n'],
  [
    'with a folded header',
    'HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n charset=utf-8\r\nContent-Length: 10\r\n\r\n',
  ],
  ['with LF and without a length', 'HTTP/1.0 200 OK\nContent-Type: text/html\n\n'],
  ['with LF and a redirect', 'HTTP/1.1 302 Found\nLocation: /there\nContent-Length: 0\n\n'],
])('a response %s is read as browsers read it', async (_how, head) => {
  const asked: string[] = [];
  const server = await openTcpServer((socket) => {
    socket.once('data', (data) => {
      const path = data.toString().split(' ', 2)[1] ?? '';
      asked.push(path);
      const isMoved = head.includes('Location') && path === '/there';
      const plain = 'HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 10\n\n';
      socket.end(`${isMoved ? plain : head}<p>all</p>`);
    });
  });
  const allowedOrigins = [server.origin];
  await using egress = await openEgress({ allowedOrigins });
  const fetcher = createFetcher({ userAgent: 'test', allowedOrigins, egress });
  open.push(server, fetcher);
  const response = await fetcher.fetch(server.origin);
  expect(response).toMatchObject({ status: 200, contentType: 'text/html' });
  expect(response.body.toString()).toBe('<p>all</p>');
  // Once more for each answer that undici refuses.
  expect(asked).toHaveLength(head.includes('Location') ? 4 : 2);
  expect(egress.counts().connections).toBe(asked.length);
});

const UPGRADE = 'HTTP/1.1 101 Switching Protocols\nUpgrade: other\nConnection: Upgrade\n\nwords';

test.each(['', 'SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 200 OK\nno header\n\n', '\n\n\n', UPGRADE])(
  'what answers %j is no web server',
  async (answer) => {
    const server = await openTcpServer((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [server.origin] });
    open.push(server, fetcher);
    expect(await failureOf(fetcher.fetch(server.origin))).toMatchObject({ code: 'network-error' });
  },
);

test('a body that breaks off here and there is none', async () => {
  let sent = 4;
  const { site, fetcher } = await start({
    '/': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      sent += 1;
      response.write('half of it'.slice(0, sent));
      response.socket?.end();
    },
  });
  const failure = await failureOf(fetcher.fetch(`${site.origin}/`, { isCutTaken: true }));
  expect(failure).toMatchObject({ code: 'network-error', retryable: true });
});

test('cancelling ends a fetch at once, before and during the body', async () => {
  const { site, fetcher } = await start({
    '/': (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.write('start');
    },
  });
  const controller = new AbortController();
  const stream = await fetcher.open(`${site.origin}/`, { signal: controller.signal });
  const reading = (async () => {
    for await (const _chunk of stream.chunks) controller.abort();
  })();
  expect((await failureOf(reading)).code).toBe('cancelled');
  const aborted = AbortSignal.abort();
  expect((await failureOf(fetcher.fetch(`${site.origin}/`, { signal: aborted }))).code).toBe('cancelled');
});

test('a certificate that no authority has signed is refused, also where private addresses are allowed', async () => {
  const server = createTlsServer(SELF_SIGNED, (_request, response) => response.end('secret'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await using fetcher = createFetcher({ userAgent: 'test', allowedOrigins: [origin] });
  expect(await failureOf(fetcher.fetch(`${origin}/`))).toMatchObject({
    code: 'network-error',
    systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    retryable: false,
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function openTcpServer(
  onSocket: (socket: Socket) => void,
): Promise<{ origin: string } & AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
