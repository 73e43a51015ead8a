import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { Counter, type Registry } from 'prom-client';
import type { Check } from '../health.ts';
import type { Logger } from '../logger.ts';

export interface WatchedExporter extends SpanExporter {
  readonly check: Check;
  registerMetrics(registry: Registry): void;
}

/**
 * Sends spans to the collector. When it cannot, they are lost, and that is told: once in the log, by a metric, and as
 * advice at `/readyz`; requests do not notice.
 */
export function openExporter(endpoint: string, log: Pick<Logger, 'info' | 'warn'>): WatchedExporter {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const spans = createCounter();
  let failure: string | undefined;

  function note({ code, error }: ExportResult, count: number): void {
    const isSent = code === ExportResultCode.SUCCESS;
    spans.inc({ outcome: isSent ? 'sent' : 'lost' }, count);
    const reason = isSent ? undefined : reasonOf(error);
    if (reason !== undefined && failure === undefined) log.warn({ reason }, 'traces cannot be delivered');
    if (reason === undefined && failure !== undefined) log.info('traces are delivered again');
    failure = reason;
  }

  return {
    export: (batch: ReadableSpan[], onResult) =>
      exporter.export(batch, (result) => {
        note(result, batch.length);
        onResult(result);
      }),
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
    check: {
      name: 'traces',
      check: () => (failure === undefined ? SENT : { ...SENT, advice: adviceOn(failure) }),
    },
    registerMetrics: (registry) => registry.registerMetric(spans),
  };
}

/** Traces are no part of what a service serves. */
const SENT = { status: 'ok' } as const;

function adviceOn(failure: string) {
  return {
    code: 'TRACES_NOT_DELIVERED',
    text: `The collector takes no traces: ${failure}`,
    command: 'Start the collector, or unset OTEL_EXPORTER_OTLP_ENDPOINT',
  };
}

function createCounter() {
  const counter = new Counter({
    name: 'xnai_trace_spans_total',
    help: 'Spans sent to the collector, and lost because it did not take them',
    labelNames: ['outcome'],
    registers: [],
  });
  for (const outcome of ['sent', 'lost']) counter.inc({ outcome }, 0);
  return counter;
}

/** An aggregate of failed connections has no message of its own. */
function reasonOf(error: (Error & { readonly code?: unknown }) | undefined): string {
  return error?.message || String(error?.code ?? 'unknown');
}
