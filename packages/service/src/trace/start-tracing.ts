import { hostname } from 'node:os';
import { withTimeLimit } from '@xnai/resilience';
import type { Registry } from 'prom-client';
import type { Check } from '../health.ts';
import type { Logger } from '../logger.ts';
import type { SpanMessage } from './span-message.ts';

export interface TracingOptions {
  /** Of the service, in every span. */
  readonly name: string;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: where a collector takes OTLP over HTTP. Undefined: traces are off. */
  readonly endpoint: string | undefined;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/** The traces of this process, on their way to a collector. */
export interface Tracing {
  /** For the log line of a stop that hangs. */
  readonly name: string;
  readonly check: Check;
  /** Takes a span of a child process. */
  take(span: SpanMessage): void;
  registerMetrics(registry: Registry): void;
  /** Sends what is left, for as long as a stop may take. */
  close(): Promise<void>;
}

/**
 * Switches traces on for this process. Nothing of the SDK is loaded while they are off. The exporter reads the other
 * variables of the standard itself, such as `OTEL_EXPORTER_OTLP_HEADERS`.
 */
export async function startTracing({ name, endpoint, log }: TracingOptions): Promise<Tracing | undefined> {
  if (endpoint === undefined) return undefined;
  const [{ BatchSpanProcessor }, { resourceFromAttributes }, { install }, { openExporter }, { fromMessage }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('./install.ts'),
      import('./open-exporter.ts'),
      import('./span-message.ts'),
    ]);
  const resource = resourceFromAttributes({
    'service.namespace': 'xnai',
    'service.name': name,
    'service.instance.id': `${hostname()}-${process.pid}`,
  });
  const exporter = openExporter(endpoint, log);
  const processor = new BatchSpanProcessor({ exporter, scheduledDelayMillis: BATCH_MS });
  const provider = install(processor, resource);
  return {
    name: 'traces',
    check: exporter.check,
    take: (span) => processor.onEnd(fromMessage(span, { resource, instrumentationScope: { name: 'xnai' } })),
    registerMetrics: exporter.registerMetrics,
    // Why an export failed was told by the exporter.
    close: () => withTimeLimit(() => provider.shutdown(), { timeoutMs: STOP_MS }).catch(() => undefined),
  };
}

const BATCH_MS = 1000;
/** A collector that is away must not delay a stop. */
const STOP_MS = 1000;
