import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MAX_REQUEST_TIMEOUT_MS, TEXT_DOCUMENT_TYPE } from '../index.ts';
import { type ClientError, type ClientOptions, createCrawlClient, createRagClient } from './client.ts';
import { isRetryableStatus } from './client-error.ts';
import { openNodeTransport } from './node-transport.ts';

const RESULT = { id: 'd', collection: 'c', status: 'indexed', chunks: 1, content_hash: 'h' };
const DOCUMENT = { content: 'größe', content_type: 'text/plain' } as const;
const ANSWER = {
  answer: 'Yes. [1]',
  mode: 'extractive',
  citations: [],
  retrieval: { mode: 'lexical', reranked: false, took_ms: 1 },
  usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  timings: { retrieval_ms: 1, answer_ms: 1, total_ms: 2 },
  degraded: [],
};
const NONE = { queued: 0, changed: 0, unchanged: 0, removed: 0, skipped: 0, failed: 0 };
const COUNTERS = { ...NONE, discovered: 1, fetched: 1, indexed: 1, added: 1 };
const FINISHED = { id: 'x', status: 'completed', stopReason: 'exhausted', counters: COUNTERS };

const CRAWL = {
  ...FINISHED,
  url: 'http://a.example/',
  collection: 'c',
  skippedBy: {},
  degraded: [],
  createdAt: '2027-01-15T09:30:00.000Z',
  startedAt: null,
};
const COLLECTION = {
  documents: 1,
  chunks: 1,
  bytes: 1,
  updated_at: CRAWL.createdAt,
  embedding_model: null,
  embedding_dimensions: null,
  embedded_chunks: 0,
  divided_chunks: 0,
  quarantined_chunks: 0,
};

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

function sendJson(response: ServerResponse, status: number, body: object, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function sendEvents(response: ServerResponse, events: readonly (readonly [string, object])[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': alive\n\n');
  events.forEach(([event, data], index) => {
    response.write(`id: ${index}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  });
  response.end();
}

const failureOf = (call: Promise<unknown>): Promise<ClientError> =>
  call.then(
    () => expect.unreachable('the call succeeded'),
    (error: ClientError) => error,
  );

/** The options of a client with each of the transports. */
const TRANSPORTS: Readonly<Record<string, (baseUrl: string) => ClientOptions>> = {
  fetch: (baseUrl) => ({ baseUrl, key: 'k' }),
  'node:http': (baseUrl) => {
    const transport = openNodeTransport(baseUrl, 2);
    onTestFinished(() => transport[Symbol.dispose]());
    return { baseUrl, key: 'k', transport };
  },
};

describe.each(Object.entries(TRANSPORTS))('the client over %s', (_, optionsFor) => {
  test('sends what a route takes and reads its answer, with fields that it does not know', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const { authorization, 'content-type': type, 'x-request-timeout-ms': timeout } = request.headers;
      seen.push([request.method, request.url, authorization, type, timeout, await text(request)]);
      sendJson(response, 201, { ...RESULT, more: 1 });
    });
    const rag = createRagClient(optionsFor(`${url}/`));
    expect(await rag.putDocument('c', 'a:b', DOCUMENT)).toEqual({ ...RESULT, created: true });
    await rag.putDocument('c', 'd', JSON.stringify(DOCUMENT));
    await rag.deliverDocument('c', 'e', '{}');
    const [body, type] = [JSON.stringify(DOCUMENT), 'application/json'];
    expect(seen).toEqual([
      ['PUT', '/v1/collections/c/documents/a%3Ab', 'Bearer k', type, undefined, body],
      ['PUT', '/v1/collections/c/documents/d', 'Bearer k', type, undefined, body],
      ['PUT', '/v1/collections/c/documents/e', 'Bearer k', TEXT_DOCUMENT_TYPE, undefined, '{}'],
    ]);
  });

  test('passes a page of a list, and reads an answer without a body', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (request.method === 'DELETE') return void response.writeHead(204).end();
      sendJson(response, 200, { documents: [], next_cursor: null });
    });
    const rag = createRagClient(optionsFor(url));
    await rag.listDocuments('c');
    await rag.listDocuments('c', { cursor: 'a&b', limit: 5 });
    expect(await rag.deleteDocument('c', 'd')).toBeUndefined();
    expect(seen).toEqual([
      'GET /v1/collections/c/documents',
      'GET /v1/collections/c/documents?cursor=a%26b&limit=5',
      'DELETE /v1/collections/c/documents/d',
    ]);
  });

  test('makes an error of a problem, with the time to wait and the id of the request', async () => {
    const problem = { type: 't', title: 'T', status: 429, code: 'RATE_LIMITED', detail: 'Too many' };
    const errors = [{ path: 'content', message: 'too long' }];
    const headers = { 'retry-after': '2', 'x-request-id': 'r1' };
    const url = await serve((_, response) => {
      sendJson(response, 429, { ...problem, request_id: 'r1', errors }, headers);
    });
    const error = await failureOf(createRagClient(optionsFor(url)).putDocument('c', 'd', DOCUMENT));
    expect(error).toMatchObject({
      name: 'ClientError',
      message: 'PUT /v1/collections/c/documents/d: 429 RATE_LIMITED Too many; content: too long',
      code: 'RATE_LIMITED',
      status: 429,
      detail: 'Too many; content: too long',
      retryable: true,
      retryAfterMs: 2000,
      requestId: 'r1',
    });
  });

  test('makes an error of an answer that is no problem', async () => {
    const url = await serve(({ url }, response) => {
      response
        .writeHead(url === '/livez' ? 502 : 404, { 'content-type': 'text/html' })
        .end('<h1>Gateway</h1>');
    });
    const rag = createRagClient(optionsFor(url));
    expect(await failureOf(rag.liveness())).toMatchObject({
      code: 'HTTP_502',
      detail: '<h1>Gateway</h1>',
      retryable: true,
      retryAfterMs: undefined,
    });
    expect(await failureOf(rag.readiness())).toMatchObject({ code: 'HTTP_404', retryable: false });
  });

  test('makes an error of an answer that its schema refuses, and of a connection that fails', async () => {
    const url = await serve(({ url }, response) => {
      if (url === '/livez') return sendJson(response, 200, { status: 'fine' });
      response.writeHead(200, { 'content-length': 10 }).write('half');
      setImmediate(() => response.destroy());
    });
    const rag = createRagClient(optionsFor(url));
    expect(await failureOf(rag.liveness())).toMatchObject({ code: 'UNEXPECTED_ANSWER', status: undefined });
    expect(await failureOf(rag.readiness())).toMatchObject({ code: 'NETWORK_ERROR', retryable: true });

    const refused = await failureOf(createRagClient(optionsFor(await closedUrl())).liveness());
    expect(refused).toMatchObject({ code: 'NETWORK_ERROR', status: undefined, retryable: true });
    expect(refused.detail).toContain('ECONNREFUSED');
  });

  test('rejects with the reason of its signal, before and during an answer', async () => {
    const controller = new AbortController();
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('half');
      setImmediate(() => controller.abort(new Error('not wanted any more')));
    });
    const rag = createRagClient(optionsFor(url));
    const { signal } = controller;
    await expect(rag.liveness({ signal })).rejects.toThrow('not wanted any more');
    await expect(rag.liveness({ signal })).rejects.toThrow('not wanted any more');
  });

  test('tells the service the remaining time, and calls no more once the deadline has passed', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers['x-request-timeout-ms']);
      sendJson(response, 200, { status: 'ok' });
    });
    const rag = createRagClient(optionsFor(url));
    const call = (ms: number) => rag.liveness({ deadline: { remainingMs: () => ms } });
    for (const ms of [500.7, 5, MAX_REQUEST_TIMEOUT_MS, MAX_REQUEST_TIMEOUT_MS + 1, Infinity]) await call(ms);
    expect(await failureOf(call(0))).toMatchObject({ code: 'DEADLINE_EXCEEDED', status: undefined });
    expect(seen).toEqual(['480', '1', '3599980', undefined, undefined]);
  });

  test('reads a stream of events, and leaves out those that it does not know', async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      seen.push(JSON.parse(await text(request)));
      const events = [
        ['sources', { citations: [] }],
        ['toString', {}],
        ['token', { text: 'größe' }],
        ['done', ANSWER],
      ] as const;
      sendEvents(response, events);
    });
    const events = await Array.fromAsync(createRagClient(optionsFor(url)).queryStream({ query: 'q' }));
    expect(events).toEqual([
      { event: 'sources', id: '0', data: { citations: [] } },
      { event: 'token', id: '2', data: { text: 'größe' } },
      { event: 'done', id: '3', data: ANSWER },
    ]);
    expect(seen).toEqual([{ query: 'q', stream: true }]);
  });

  test('ends a stream with the error that its `error` event tells', async () => {
    const problem = { type: 't', title: 'T', status: 503, code: 'MODEL_CRASHED', detail: 'Gone' };
    const url = await serve((_, response) => {
      sendEvents(response, [
        ['token', { text: 'a' }],
        ['error', { ...problem, request_id: 'r' }],
      ]);
    });
    const got: string[] = [];
    const reading = (async () => {
      for await (const { event } of createRagClient(optionsFor(url)).queryStream({ query: 'q' }))
        got.push(event);
    })();
    expect(await failureOf(reading)).toMatchObject({ code: 'MODEL_CRASHED', status: 503, retryable: true });
    expect(got).toEqual(['token']);
  });

  test('takes the events of a crawl up after the last one, and leaves a stream when told to', async () => {
    const url = await serve((request, response) => {
      if (request.headers['last-event-id'] === '7') return sendEvents(response, [['finished', FINISHED]]);
      response.writeHead(200).write(`event: progress\ndata: ${JSON.stringify({ counters: COUNTERS })}\n\n`);
    });
    const crawler = createCrawlClient(optionsFor(url));
    const rest = await Array.fromAsync(crawler.crawlEvents('x', { lastEventId: '7' }));
    expect(rest).toEqual([{ event: 'finished', id: '0', data: FINISHED }]);
    const controller = new AbortController();
    const watching = (async () => {
      for await (const _ of crawler.crawlEvents('x', { signal: controller.signal })) {
        controller.abort(new Error('seen enough'));
      }
    })();
    await expect(watching).rejects.toThrow('seen enough');
  });
});

test('a crawl is followed over a connection that is lost, behind the last event, to its end', async () => {
  const page = { url: 'http://a.example/', status: 'indexed', httpStatus: 200, depth: 0, bytes: 1, ms: 1 };
  const asked: unknown[] = [];
  const baseUrl = await serve((request, response) => {
    asked.push(request.headers['last-event-id']);
    if (asked.length > 1) return sendEvents(response, [['finished', FINISHED]]);
    response.writeHead(200).write(`id: 7\nevent: page\ndata: ${JSON.stringify(page)}\n\n`);
    setImmediate(() => response.destroy());
  });
  const lost: string[] = [];
  const onLost = ({ code }: ClientError) => void lost.push(code);
  const events = await Array.fromAsync(createCrawlClient({ baseUrl }).followCrawl('x', { onLost }));
  expect(events.map(({ event }) => event)).toEqual(['page', 'finished']);
  expect(asked).toEqual([undefined, '7']);
  expect(lost).toEqual(['NETWORK_ERROR']);
});

test('a crawl that cannot be followed ends with the reason, and so does one whose events are gone', async () => {
  const ended = { ...CRAWL, finishedAt: CRAWL.createdAt };
  const baseUrl = await serve(({ url = '' }, response) => {
    if (url.includes('none')) return sendJson(response, 404, { code: 'CRAWL_NOT_FOUND', detail: 'Gone' });
    if (url.endsWith('/events')) return sendEvents(response, []);
    sendJson(response, 200, ended);
  });
  const crawler = createCrawlClient({ baseUrl });
  expect(await failureOf(Array.fromAsync(crawler.followCrawl('none')))).toMatchObject({
    code: 'CRAWL_NOT_FOUND',
  });
  expect(await Array.fromAsync(crawler.followCrawl('x'))).toEqual([]);
});

test('every item of a list is read page by page, as far as it is asked for', async () => {
  const asked: unknown[] = [];
  const baseUrl = await serve(({ url = '' }, response) => {
    const cursor = new URL(url, 'http://a').searchParams.get('cursor');
    asked.push(cursor);
    const collection = { ...COLLECTION, name: cursor ?? 'a' };
    sendJson(response, 200, {
      collections: [collection],
      next_cursor: cursor === 'c' ? null : cursor === 'b' ? 'c' : 'b',
    });
  });
  const rag = createRagClient({ baseUrl });
  const names = await Array.fromAsync(rag.everyCollection(), ({ name }) => name);
  expect(names).toEqual(['a', 'b', 'c']);
  for await (const { name } of rag.everyCollection()) if (name === 'a') break;
  expect(asked).toEqual([null, 'b', 'c', null]);
});

test('a crawl is submitted with its idempotency key; a service that is unavailable is an answer', async () => {
  const seen: unknown[] = [];
  const url = await serve((request, response) => {
    seen.push(request.headers['idempotency-key']);
    if (request.url === '/readyz')
      return sendJson(response, 503, { status: 'unavailable', checks: {}, degraded: [], advice: [] });
    sendJson(response, 202, { id: 'x', status: 'queued', url: 'http://a.example/', collection: 'c' });
  });
  const crawler = createCrawlClient({ baseUrl: url });
  const submitted = await crawler.submitCrawl({ url: 'http://a.example/' }, { idempotencyKey: 'once' });
  expect(submitted).toMatchObject({ id: 'x', status: 'queued' });
  expect(await crawler.readiness()).toMatchObject({ status: 'unavailable' });
  expect(seen).toEqual(['once', undefined]);
});

test('calls over node:http share a connection', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    sendJson(response, 200, { status: 'ok' });
  });
  using transport = openNodeTransport(url, 2);
  const rag = createRagClient({ baseUrl: url, transport });
  for (let n = 0; n < 3; n += 1) await rag.liveness();
  expect(ports.size).toBe(1);
});

test.each([408, 425])('status %s, which a proxy sends, may pass', (status) => {
  expect(isRetryableStatus(status)).toBe(true);
});

test('a problem in the place of a readiness is a failure: a proxy that does not reach the service answers for it', async () => {
  const baseUrl = await serve((_request, response) => {
    const problem = { title: 'T', status: 503, code: 'CRAWLER_UNAVAILABLE', detail: 'Away' };
    response.writeHead(503, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  expect(await failureOf(createCrawlClient({ baseUrl }).readiness())).toMatchObject({
    code: 'CRAWLER_UNAVAILABLE',
    status: 503,
    retryable: true,
  });
});
