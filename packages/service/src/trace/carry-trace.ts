import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { runIn, type SpanOptions, startSpan } from './span.ts';

/** The headers that carry the trace under way to another service (W3C Trace Context); none outside of one. */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The trace under way, as it is kept with work that waits; undefined outside of one. */
export function currentTrace(): string | undefined {
  return traceHeaders()['traceparent'];
}

/** Runs work within a trace that `currentTrace` gave elsewhere. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  return context.with(contextOf(traceparent), work);
}

/** Runs work as a span of a trace that `currentTrace` gave elsewhere; begins a trace where it gave none. */
export function continueTrace<T>(
  traceparent: string | undefined,
  name: string,
  options: SpanOptions,
  work: () => Promise<T>,
): Promise<T> {
  return runIn(startSpan(name, options, contextOf(traceparent)), work);
}

function contextOf(traceparent: string | undefined) {
  return traceparent === undefined ? ROOT_CONTEXT : propagation.extract(ROOT_CONTEXT, { traceparent });
}

/** What a log line says of the trace that it belongs to. */
export function traceFields(): { readonly trace_id?: string; readonly span_id?: string } {
  const of = trace.getActiveSpan()?.spanContext();
  return of === undefined ? {} : { trace_id: of.traceId, span_id: of.spanId };
}
