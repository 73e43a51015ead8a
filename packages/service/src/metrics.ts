import type { MetricFamily } from '@xnai/resilience';
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, type Metric, type Registry } from 'prom-client';
import { onAnswerEnd } from './answer-end.ts';
import type { App } from './app-type.ts';

// 0.3 is the objective of containers/monitoring/prometheus/recording.yaml.
const DURATION_BUCKETS_S = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30];

/** The duration of every request, by route. */
export function observeRequests(app: FastifyInstance, registry: Registry): void {
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS_S,
    registers: [registry],
  });

  app.addHook('onRequest', async (request, reply) => {
    onAnswerEnd(reply, (end) => {
      // The template of the route: paths would make a series for every document.
      const route = request.routeOptions.url ?? 'none';
      const status = end === 'sent' ? String(reply.statusCode) : end;
      duration.observe({ method: request.method, route, status }, reply.elapsedTime / 1000);
    });
  });
}

/** `/metrics`: the registry, which also holds the figures of the process. */
export function addMetricsRoute(app: App, registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  const schema = { summary: 'Prometheus metrics' };
  const textAnswer = { type: 'text/plain', description: 'Metrics in the text format of Prometheus' };
  app.get('/metrics', { config: { scope: 'metrics', textAnswer }, schema }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

/** Registers figures that are counted elsewhere, and read at each scrape. */
export function registerFamilies(registry: Registry, read: () => readonly MetricFamily[]): void {
  for (const { name } of read()) {
    const get = async () => {
      const family = read().find((one) => one.name === name);
      return {
        ...family,
        values: family?.samples.map(({ suffix = '', ...sample }) => ({
          ...sample,
          metricName: name + suffix,
        })),
      };
    };
    // A registry needs no more of a metric than its name and this, which its types do not say.
    registry.registerMetric({ name, get } as unknown as Metric);
  }
}
