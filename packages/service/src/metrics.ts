import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Histogram, type Registry } from 'prom-client';
import { onAnswerEnd } from './answer-end.ts';
import type { App } from './app-type.ts';

const DURATION_BUCKETS_S = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30];

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

/** `/metrics`: the registry, what the process itself says, and what `app.addMetrics` adds. */
export function addMetricsRoute(app: App, registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  const others: (() => string)[] = [];
  app.decorate('addMetrics', (text: () => string) => void others.push(text));
  const schema = { summary: 'Prometheus metrics' };
  app.get('/metrics', { config: { scope: 'metrics' }, schema }, async (_request, reply) => {
    const own = await registry.metrics();
    return reply.type(registry.contentType).send([own, ...others.map((text) => text())].join(''));
  });
}
