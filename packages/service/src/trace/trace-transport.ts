import { SpanKind } from '@opentelemetry/api';
import type { Transport } from '@xnai/contracts/client';
import { traceHeaders } from './carry-trace.ts';
import { inSpan } from './span.ts';

/** The same transport, each of whose requests is a span that the other service continues. */
export function traceTransport(transport: Transport): Transport {
  return (url, request) => {
    const { hostname, port } = new URL(url);
    const attributes = {
      'http.request.method': request.method,
      'server.address': hostname,
      'server.port': Number(port),
    };
    return inSpan(request.method, { kind: SpanKind.CLIENT, attributes }, async (span) => {
      const response = await transport(url, {
        ...request,
        headers: { ...request.headers, ...traceHeaders() },
      });
      span.setAttribute('http.response.status_code', response.status);
      return response;
    });
  };
}
