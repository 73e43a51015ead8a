export { SpanKind } from '@opentelemetry/api';
export { continueTrace, currentTrace, inTrace } from './carry-trace.ts';
export { inSpan, type OpenSpan, openSpan, type SpanOptions } from './span.ts';
export { spanUrl } from './span-url.ts';
export { traceTransport } from './trace-transport.ts';
