import { once } from 'node:events';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Crawl, CrawlRequest, SearchRequest, SearchResponse } from '@xnai/contracts';
import { type App, ServiceError } from '@xnai/service';
import { openTestApp, type TestApp } from '@xnai/service/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { addCrawlMcp, addRagMcp } from './services.ts';

const LISTED = 'https://inspector.example';
const FOUND: SearchResponse = {
  results: [
    {
      rank: 1,
      score: 2,
      document_id: 'tides',
      chunk_id: 'tides:0',
      url: 'https://example.org/tides',
      title: 'Tides',
      heading: ['Tides', 'High water'],
      text: 'High water is at noon.',
      start: 10,
      end: 32,
      metadata: {},
    },
  ],
  retrieval: { mode: 'lexical', reranked: false, took_ms: 1 },
  degraded: ['reranker'],
};

/** Routes as the services have them, with what they were called with. */
function addRoutes(app: App, calls: object[]): void {
  app.post(
    '/v1/search',
    { config: { scope: 'query' }, schema: { body: SearchRequest, response: { 200: SearchResponse } } },
    async ({ body, caller, id, deadline, signal }) => {
      calls.push({ query: body.query, by: caller?.id, id, hasDeadline: deadline !== undefined });
      if (body.query === 'nothing there')
        throw new ServiceError('COLLECTION_NOT_FOUND', { detail: 'There is no collection "x"' });
      if (body.query === 'slow') {
        app.server.emit('slow began');
        await once(signal, 'abort');
        app.server.emit('slow ended');
      }
      if (body.query === 'too busy') throw new ServiceError('OVERLOADED', { retryAfterMs: 4000 });
      return FOUND;
    },
  );
  app.post('/v1/crawls', { config: { scope: 'crawl' }, schema: { body: CrawlRequest } }, () => {
    throw new Error('secret cause');
  });
  app.get(
    '/v1/crawls/:id',
    {
      config: { scope: 'crawl' },
      schema: { params: z.object({ id: z.string() }), response: { 200: Crawl } },
    },
    () => {
      throw new ServiceError('CRAWL_NOT_FOUND');
    },
  );
}

describe('/mcp', () => {
  let service: TestApp;
  let url: URL;
  let calls: { by: string; id: string; hasDeadline: boolean }[];
  const clients: Client[] = [];
  beforeEach(async () => {
    calls = [];
    service = await openTestApp((app) => {
      addRoutes(app, calls);
      addRagMcp(app, [LISTED]);
    });
    url = new URL('/mcp', await service.app.listen({ host: '127.0.0.1', port: 0 }));
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await service[Symbol.asyncDispose]();
  });

  async function connect(headers: Record<string, string> = service.auth, mode: 'auto' | 'legacy' = 'legacy') {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    clients.push(client);
    return client;
  }

  async function call(client: Client, name: string, args: Record<string, unknown>) {
    const { content, isError, structuredContent } = await client.callTool({ name, arguments: args });
    const [first] = content;
    return { text: first?.type === 'text' ? first.text : '', isError, structuredContent };
  }

  test.each(['legacy', 'auto'] as const)('answers the official client (%s)', async (mode) => {
    const client = await connect(service.auth, mode);
    const found = await call(client, 'search', { query: 'high water' });
    expect(found.structuredContent).toEqual(FOUND);
    expect(found.text).toBe(
      '1. Tides > High water, https://example.org/tides (document tides)\nHigh water is at noon.\n\nDegraded: reranker',
    );
  });

  test('announces the schemas of the routes, without references', async () => {
    const { tools } = await (await connect()).listTools();
    expect(tools.map(({ name }) => name)).toEqual(['search', 'ask', 'read_document', 'list_collections']);
    expect(JSON.stringify(tools)).not.toContain('$ref');
    expect(tools[0]).toMatchObject({
      inputSchema: { required: ['query'], properties: { top_k: { maximum: 100, default: 10 } } },
      outputSchema: { properties: { results: { items: { properties: { heading: { type: 'array' } } } } } },
      annotations: { readOnlyHint: true },
    });
    expect(Object.keys(tools[0]?.inputSchema.properties ?? {})).toEqual(Object.keys(SearchRequest.shape));
  });

  test('a tool calls its route as the caller of /mcp, under one request id, with its deadline', async () => {
    const client = await connect({
      ...service.auth,
      'x-request-id': 'mine-1',
      'x-request-timeout-ms': '60000',
    });
    await call(client, 'search', { query: 'a' });
    expect(calls).toMatchObject([{ by: expect.stringMatching(/./), id: 'mine-1', hasDeadline: true }]);
  });

  test.each(['legacy', 'auto'] as const)('a caller who goes away ends the call (%s)', async (mode) => {
    const client = await connect(service.auth, mode);
    const { server } = service.app;
    const [began, ended] = [once(server, 'slow began'), once(server, 'slow ended')];
    const called = call(client, 'search', { query: 'slow' }).catch(() => 'gone');
    await began;
    server.closeAllConnections();
    await ended;
    await client.close();
    expect(await called).toBe('gone');
  });

  test.each([
    [{}, 'query: is required (VALIDATION)'],
    [{ question: 'a', query: 'b' }, expect.stringMatching(/^question: unknown field; .*\(VALIDATION\)$/)],
    [{ query: 'nothing there' }, 'There is no collection "x" (COLLECTION_NOT_FOUND)'],
    [{ query: 'too busy' }, expect.stringMatching(/\(OVERLOADED\) Try again in 4 s\.$/)],
  ])('a failure of %j is told in the words of the API', async (args, text) => {
    expect(await call(await connect(), 'search', args)).toEqual({
      text,
      isError: true,
      structuredContent: undefined,
    });
  });

  test('a key without the scope of a route is refused there, and by /mcp', async () => {
    const other = await service.authWith(['ingest']);
    await expect(connect(other)).rejects.toThrow(/403|scope/);
    await expect(connect({})).rejects.toThrow(/401|Unauthorized/i);
  });

  test.each([
    ['https://evil.example', 'evil.example', 403],
    ['null', undefined, 403],
    // The page of another program on this machine.
    ['http://127.0.0.1:1', undefined, 403],
    [LISTED, undefined, 200],
  ])('a page of %s that calls the host %s gets %i', async (origin, host, status) => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/mcp',
      headers: {
        ...service.auth,
        accept: 'application/json, text/event-stream',
        origin,
        ...(host === undefined ? {} : { host }),
      },
      payload: { jsonrpc: '2.0', id: 1, method: 'tools/list' },
    });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json().code).toBe('ORIGIN_NOT_ALLOWED');
  });

  test('the own page of the service may use it', async () => {
    const client = await connect({ ...service.auth, origin: url.origin });
    expect((await client.listTools()).tools).not.toEqual([]);
  });
});

describe('/mcp of the crawler', () => {
  test('tells no cause of a fault, and no crawl from no crawl', async () => {
    await using service = await openTestApp((app) => {
      addRoutes(app, []);
      addCrawlMcp(app, []);
    });
    const ask = async (name: string, args: object) => {
      const { body } = await service.app.inject({
        method: 'POST',
        url: '/mcp',
        headers: { ...service.auth, accept: 'application/json, text/event-stream' },
        payload: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } },
      });
      return body;
    };
    const fault = await ask('crawl', { url: 'https://example.org' });
    expect(fault).toContain('(INTERNAL)');
    expect(fault).not.toContain('secret cause');
    expect(await ask('crawl_status', { id: 'x' })).toContain('There is no such crawl (CRAWL_NOT_FOUND)');
    expect(await ask('crawl', { url: 'https://example.org', webhook: {} })).toContain(
      'webhook: unknown field',
    );
  });
});
