import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** A span that has ended, as a child process hands it to its parent: what makes it out, in plain data. */
export interface SpanMessage
  extends Pick<ReadableSpan, 'name' | 'kind' | 'startTime' | 'endTime' | 'duration' | 'status'> {
  readonly context: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>;
  readonly parentSpanId: string | undefined;
  readonly attributes: Attributes;
}

export function toMessage(span: ReadableSpan): SpanMessage {
  const { name, kind, startTime, endTime, duration, status, attributes } = span;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const parentSpanId = span.parentSpanContext?.spanId;
  return {
    name,
    kind,
    startTime,
    endTime,
    duration,
    status,
    attributes,
    context: { traceId, spanId, traceFlags },
    parentSpanId,
  };
}

/** @param scope of the process that sends the span on */
export function fromMessage(
  { context, parentSpanId, ...message }: SpanMessage,
  scope: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>,
): ReadableSpan {
  return {
    ...message,
    ...scope,
    spanContext: () => context,
    ...(parentSpanId !== undefined && { parentSpanContext: { ...context, spanId: parentSpanId } }),
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
