import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it came to the collector. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
}

/** Takes traces as a collector does: OTLP over HTTP, in JSON. */
export interface TraceCollector extends AsyncDisposable {
  readonly endpoint: string;
  /** In the order of their arrival. */
  readonly spans: readonly CollectedSpan[];
  /** All that came, as it came. */
  readonly raw: readonly unknown[];
}

export async function startTraceCollector(): Promise<TraceCollector> {
  const spans: CollectedSpan[] = [];
  const raw: unknown[] = [];
  const server = createServer(async (request, response) => {
    if (request.url !== '/v1/traces') throw new Error(`a collector has no ${request.url}`);
    const body = (await json(request)) as ExportRequest;
    raw.push(body);
    spans.push(...readSpans(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    raw,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Value {
  readonly arrayValue?: { readonly values: readonly Value[] };
  readonly [type: string]: unknown;
}

type Attributes = readonly { readonly key: string; readonly value: Value }[];

/** What a service sends. */
export interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: Attributes };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

interface SentSpan extends Pick<CollectedSpan, 'name' | 'traceId' | 'spanId'> {
  readonly parentSpanId?: string;
  readonly attributes: Attributes;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number };
}

export function readSpans({ resourceSpans }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map(({ parentSpanId, attributes, startTimeUnixNano, endTimeUnixNano, status, ...span }) => ({
        service: String(toObject(resource.attributes)['service.name']),
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: parentSpanId || undefined,
        attributes: toObject(attributes),
        startMs: Number(startTimeUnixNano) / 1e6,
        endMs: Number(endTimeUnixNano) / 1e6,
        isError: status.code === ERROR,
      })),
    ),
  );
}

/** STATUS_CODE_ERROR of OTLP. */
const ERROR = 2;

function toObject(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: Value): unknown {
  return value.arrayValue === undefined ? Object.values(value)[0] : value.arrayValue.values.map(plain);
}
