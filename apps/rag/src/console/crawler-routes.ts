import { Readable } from 'node:stream';
import type { Transport, TransportResponse } from '@xnai/contracts/client';
import type { Breaker } from '@xnai/resilience';
import { type App, type Scope, ServiceError } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface CrawlerRoutesDeps {
  /** Of the crawler. */
  readonly url: string;
  readonly transport: Transport;
  readonly breaker: Pick<Breaker, 'execute'>;
}

/** Any key of a person: the crawler decides by its scopes. The first one names the rate limit. */
const SCOPES: readonly Scope[] = ['crawl', 'query', 'ingest', 'admin', 'metrics'];
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'];
const PATHS = ['/v1/*', '/readyz', '/metrics'];
/** As the router matches `PATHS`, but of the path that goes out: `..` and encoded letters lead no further. */
const PASSED = /^\/crawler(\/(?:v1\/.*|readyz|metrics))$/;

/** Nothing else passes: cookies, addresses and the names of proxies stay here. */
const REQUEST_HEADERS = [
  'accept',
  'authorization',
  // The crawler refuses it, as rag does.
  'content-encoding',
  'content-type',
  'idempotency-key',
  'if-match',
  'last-event-id',
  'x-api-key',
  'x-request-timeout-ms',
];
/** At a time: each follower of a crawl holds a connection for as long as it reads. Calls need more connections than these. */
export const MAX_EVENT_STREAMS = 64;

const RESPONSE_HEADERS = ['cache-control', 'content-type', 'etag', 'retry-after', 'x-accel-buffering'];

/**
 * `/crawler/*`: the API of the crawler for the console, which may connect to no other address than its own. A call is
 * passed on with the caller's key, and an event stream as it comes.
 */
export async function crawlerRoutes(app: App, { url, ...given }: CrawlerRoutesDeps): Promise<void> {
  const deps = { ...given, streams: new Set<OpenStream>() };
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    for (const path of PATHS) {
      scope.route({
        method: METHODS,
        url: `/crawler${path}`,
        config: { scope: SCOPES },
        schema: { hide: true },
        handler: (request, reply) => forward(request, reply, targetOf(url, request.url), deps),
      });
    }
  });
}

/**
 * Only the path and the query come from the caller, which cannot name another host.
 *
 * @throws {ServiceError} NOT_FOUND when the path, once resolved, is none of those that are passed on
 */
function targetOf(base: string, requested: string): string {
  const { pathname, search } = URL.parse(requested, 'http://caller') ?? {};
  const path = PASSED.exec(pathname ?? '')?.[1];
  if (path === undefined)
    throw new ServiceError('NOT_FOUND', { detail: 'The crawler has no such path here' });
  const target = new URL(base);
  target.pathname = target.pathname.replace(/\/$/, '') + path;
  target.search = search ?? '';
  return target.href;
}

interface OpenStream {
  readonly onStop: 'end';
  readonly end: () => void;
}

interface ForwardDeps extends Pick<CrawlerRoutesDeps, 'transport' | 'breaker'> {
  readonly streams: Set<OpenStream>;
}

async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  target: string,
  { transport, breaker, streams }: ForwardDeps,
) {
  const stopped = new AbortController();
  const signal = AbortSignal.any([request.signal, stopped.signal]);
  const { method, id } = request;
  // Of the parser above.
  const body = (request.body ?? null) as Buffer<ArrayBuffer> | null;
  const headers = { ...pick(request.headers, REQUEST_HEADERS), 'x-request-id': id };
  const call = { method, headers, body, signal };
  const response = await breaker
    .execute(() => transport(target, call).catch((cause) => explainAway(cause, signal)), signal)
    .catch((error: unknown) => {
      // The breaker's own time limit does not end the call, whose signal a stream needs for longer.
      stopped.abort();
      throw error;
    });
  if (isEventStream(response))
    keepStream(streams, { onStop: 'end', end: () => stopped.abort() }, { request, reply });
  for (const name of RESPONSE_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) reply.header(name, value);
  }
  return reply.code(response.status).send(response.body === null ? null : Readable.from(response.body));
}

function isEventStream({ headers }: TransportResponse): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}

/**
 * Streams of events have no end of their own: they end with their reader or with this service.
 *
 * @throws {ServiceError} OVERLOADED when there are too many
 */
function keepStream(
  streams: Set<OpenStream>,
  stream: OpenStream,
  {
    request: { server },
    reply,
  }: { readonly request: Pick<FastifyRequest, 'server'>; readonly reply: FastifyReply },
): void {
  if (streams.size >= MAX_EVENT_STREAMS) {
    stream.end();
    const detail = `${MAX_EVENT_STREAMS} readers follow crawls already; the state of a crawl can be asked for instead`;
    throw new ServiceError('OVERLOADED', { detail, retryAfterMs: 5000 });
  }
  const places = [streams, server.openStreams];
  for (const place of places) place.add(stream);
  reply.raw.once('close', () => {
    for (const place of places) place.delete(stream);
  });
}

function pick(headers: FastifyRequest['headers'], names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  );
}

function explainAway(cause: unknown, signal: AbortSignal): never {
  if (signal.aborted) throw cause;
  throw new ServiceError('CRAWLER_UNAVAILABLE', { cause });
}
