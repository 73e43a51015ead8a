import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AUTH, CRAWLER_AUTH, openTestRag } from '../testing/open-test-rag.ts';
import { MAX_EVENT_STREAMS } from './crawler-routes.ts';

/** rag on a port, before a server in the place of the crawler. */
async function setUp(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rag = await openTestRag({ crawlerUrl: `http://127.0.0.1:${port}` });
  const url = await rag.app.listen({ port: 0, host: '127.0.0.1' });
  const stop = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(async () => {
    await stop();
    await rag[Symbol.asyncDispose]();
  });
  return { rag, url, stop };
}

test('a call is passed on with its key, body and the headers on the list, and with no others', async () => {
  let seen: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string }) | undefined;
  const { url } = await setUp(async (request, response) => {
    const { method, url, headers } = request;
    seen = { method, url, headers, body: (await request.setEncoding('utf8').toArray()).join('') };
    response
      .writeHead(202, { 'content-type': 'application/json', 'set-cookie': 'a=b', server: 'x' })
      .end('{"id":"1"}');
  });
  const answer = await fetch(`${url}/crawler/v1/crawls?limit=2`, {
    method: 'POST',
    headers: {
      ...AUTH,
      'content-type': 'application/json',
      'idempotency-key': 'once',
      cookie: 'session=1',
      'x-forwarded-for': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
    },
    body: '{"url":"https://example.org"}',
  });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ id: '1' });
  expect(answer.headers.get('set-cookie')).toBeNull();
  expect(answer.headers.get('server')).toBeNull();
  expect(seen).toMatchObject({
    method: 'POST',
    url: '/v1/crawls?limit=2',
    body: '{"url":"https://example.org"}',
    headers: { ...AUTH, 'content-type': 'application/json', 'idempotency-key': 'once' },
  });
  expect(Object.keys(seen?.headers ?? {})).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/cookie|forwarded/)]),
  );
  expect(seen?.headers['x-request-id']).toBe(answer.headers.get('x-request-id'));
});

test('no path leads to another host, and no other paths are passed on', async () => {
  const paths: (string | undefined)[] = [];
  const { rag } = await setUp((request, response) => {
    paths.push(request.url);
    response.end();
  });
  for (const path of [
    '/crawler/v1//evil.example/x',
    '/crawler//evil.example/v1/x',
    '/crawler/docs',
    '/crawler/',
  ]) {
    await rag.app.inject({ url: path, headers: AUTH });
  }
  expect(paths).toEqual(['/v1//evil.example/x']);
});

test('a path is passed on as it resolves, or not at all', async () => {
  const paths: (string | undefined)[] = [];
  const { url } = await setUp((request, response) => {
    paths.push(request.url);
    response.end();
  });
  /** As it stands: `fetch` would resolve the path before it sends it. */
  const ask = async (path: string) => {
    const [response] = await once(send(url, { path, headers: AUTH }).end(), 'response');
    await (response as IncomingMessage).resume().toArray();
    return (response as IncomingMessage).statusCode;
  };
  for (const path of [
    '/crawler/v1/../docs',
    '/crawler/v1/%2e%2e/%2e%2e/docs',
    '/crawler/v1/..\\docs',
    '/%63rawler/v1/crawls',
    'http://evil.example/crawler/v1/../livez',
  ]) {
    expect(await ask(path), path).toBe(404);
  }
  expect(paths).toEqual([]);
  await ask('/crawler/v1/crawls/..?a=/../b#c');
  await ask('/crawler/v1/..%2fdocs');
  await ask('http://evil.example/crawler/v1/crawls');
  expect(paths).toEqual(['/v1/?a=/../b', '/v1/..%2fdocs', '/v1/crawls']);
});

test('a body is passed on byte by byte, and is no request of its own', async () => {
  const seen: { readonly url: string | undefined; readonly body: string }[] = [];
  const { url } = await setUp(async (request, response) => {
    seen.push({ url: request.url, body: Buffer.concat(await request.toArray()).toString('latin1') });
    response.end();
  });
  const second = 'GET /v1/second HTTP/1.1\r\nHost: x\r\n\r\n';
  const type = { 'content-type': 'application/json' };
  await fetch(`${url}/crawler/v1/crawls/1`, {
    method: 'DELETE',
    headers: { ...AUTH, ...type },
    body: second,
  });
  const body = new Uint8Array([0x22, 0xff, 0x00, 0x22]);
  await fetch(`${url}/crawler/v1/crawls`, { method: 'POST', headers: { ...AUTH, ...type }, body });
  expect(seen).toEqual([
    { url: '/v1/crawls/1', body: second },
    { url: '/v1/crawls', body: '"\xff\0"' },
  ]);
});

test('events arrive one by one, and a reader that leaves ends the call to the crawler', async () => {
  const ended = Promise.withResolvers<void>();
  const { url } = await setUp((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: started\ndata: ${request.headers['last-event-id']}\n\n`);
    response.once('close', () => ended.resolve());
  });
  const leaving = new AbortController();
  const answer = await fetch(`${url}/crawler/v1/crawls/1/events`, {
    headers: { ...AUTH, 'last-event-id': '7' },
    signal: leaving.signal,
  });
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toBe('event: started\ndata: 7\n\n');
  leaving.abort();
  await ended.promise;
});

test('followers of crawls leave connections for other calls, and too many are refused', async () => {
  const { rag, url } = await setUp((request, response) => {
    if (request.url?.endsWith('/events') !== true) return void response.end('{}');
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
  });
  const leaving = new AbortController();
  const follow = (signal: AbortSignal | null = null) =>
    fetch(`${url}/crawler/v1/crawls/1/events`, { headers: AUTH, signal });
  const first = await follow(leaving.signal);
  const others = await Promise.all(Array.from({ length: MAX_EVENT_STREAMS + 3 }, () => follow()));
  const statuses = [first, ...others].map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(MAX_EVENT_STREAMS);
  const refused = others.find(({ status }) => status === 503);
  expect(refused?.headers.get('retry-after')).toBe('5');
  expect(await refused?.json()).toMatchObject({
    code: 'OVERLOADED',
    detail: expect.stringContaining(`${MAX_EVENT_STREAMS} readers`),
  });
  const calls = Array.from({ length: 20 }, () => fetch(`${url}/crawler/v1/crawls`, { headers: AUTH }));
  for (const { status } of await Promise.all(calls)) expect(status).toBe(200);
  leaving.abort();
  await vi.waitFor(async () => expect((await follow()).status).toBe(200), 10_000);
  // A client that was cut off has opened connections without a request, which a stop would wait for.
  rag.app.server.closeAllConnections();
});

test('a stop of rag ends the streams', async () => {
  const { rag, url } = await setUp((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
  });
  const answer = await fetch(`${url}/crawler/v1/crawls/1/events`, { headers: AUTH });
  const rest = answer.text().catch(() => 'cut off');
  await rag.app.close();
  await rest;
});

test('a crawler that is away is asked three times, then left alone by the breaker', async () => {
  const { rag, stop } = await setUp((_request, response) => response.end());
  const ask = async () => (await rag.call('GET', '/crawler/v1/crawls')).body;
  await stop();
  for (let n = 0; n < 3; n += 1)
    expect(await ask()).toMatchObject({ status: 503, code: 'CRAWLER_UNAVAILABLE' });
  expect(await ask()).toMatchObject({ status: 503, code: 'BREAKER_OPEN' });
});

test('what the crawler refuses is its answer and no failure', async () => {
  const { rag } = await setUp((_request, response) => {
    response.writeHead(403, { 'content-type': 'application/problem+json' }).end('{"code":"FORBIDDEN"}');
  });
  for (let n = 0; n < 5; n += 1) {
    expect(await rag.call('GET', '/crawler/v1/crawls')).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
  }
});

test('a caller without a key, and the crawler itself, are not passed on', async () => {
  let calls = 0;
  const { rag } = await setUp((_request, response) => {
    calls += 1;
    response.end();
  });
  expect((await rag.app.inject('/crawler/v1/crawls')).statusCode).toBe(401);
  expect((await rag.call('GET', '/crawler/v1/crawls', undefined, CRAWLER_AUTH)).status).toBe(403);
  expect(calls).toBe(0);
});

test('without RAG_CRAWLER_URL there are no such routes', async () => {
  await using rag = await openTestRag();
  expect(await rag.call('GET', '/crawler/v1/crawls')).toMatchObject({ status: 404 });
});
