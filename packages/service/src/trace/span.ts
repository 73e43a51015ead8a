import {
  type Attributes,
  context,
  INVALID_SPAN_CONTEXT,
  type Span,
  type SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export interface SpanOptions {
  /** Default: internal. */
  readonly kind?: SpanKind;
  /** Names, numbers and sizes: never what a person wrote, or what a document says. */
  readonly attributes?: Attributes;
}

/**
 * Runs work as a span of the trace that is under way. Without one, which is so as long as traces are off, the work runs
 * by itself. An error ends the span with its code, and not with its message, which may hold a text.
 */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const open = openSpan(name, options);
  return open === undefined ? work(NO_SPAN) : runIn(open, work);
}

/** A span whose end is not the end of one call. */
export interface OpenSpan {
  readonly span: Span;
  /** Spans that are opened in here are children of this one. */
  within<T>(work: () => T): T;
  /** Adds a child of which only the times are known, in epoch milliseconds. */
  addPhase(name: string, startMs: number, endMs: number): void;
  fail(error: unknown): void;
}

/** Undefined outside of a trace. */
export function openSpan(name: string, options: SpanOptions): OpenSpan | undefined {
  return trace.getActiveSpan() === undefined ? undefined : startSpan(name, options);
}

/** As `openSpan`, but begins a trace where none is under way. */
export function startSpan(name: string, options: SpanOptions, parent = context.active()): OpenSpan {
  const tracer = trace.getTracer('xnai');
  const span = tracer.startSpan(name, options, parent);
  const inner = trace.setSpan(parent, span);
  return {
    span,
    within: (work) => context.with(inner, work),
    addPhase: (phase, startTime, endTime) => tracer.startSpan(phase, { startTime }, inner).end(endTime),
    fail: (error) => fail(span, error),
  };
}

export async function runIn<T>(open: OpenSpan, work: (span: Span) => Promise<T>): Promise<T> {
  try {
    return await open.within(() => work(open.span));
  } catch (error) {
    open.fail(error);
    throw error;
  } finally {
    open.span.end();
  }
}

function fail(span: Span, error: unknown): void {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown };
  span.setAttribute('error.type', String(code ?? name ?? 'unknown'));
  span.setStatus({ code: SpanStatusCode.ERROR });
}

const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
