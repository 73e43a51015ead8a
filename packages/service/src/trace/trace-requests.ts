import { type Context, context, propagation, SpanKind } from '@opentelemetry/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { onAnswerEnd } from '../answer-end.ts';
import { QUIET_ROUTES } from '../quiet-routes.ts';
import { type OpenSpan, startSpan } from './span.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** In which the request is served; undefined for one that is not traced. */
    traceContext: Context | undefined;
  }
}

/** Makes each request a span, of the caller's trace where it has a `traceparent`. Probes are left out. */
export function traceRequests(app: FastifyInstance): void {
  app.decorateRequest('traceContext', undefined);
  app.addHook('onRequest', (request, reply, done) => {
    if (QUIET_ROUTES.has(request.routeOptions.url)) return done();
    const open = startRequestSpan(request);
    open.within(() => {
      request.traceContext = context.active();
      onAnswerEnd(reply, (end) => {
        const { statusCode } = reply.raw;
        open.span.setAttribute('http.response.status_code', statusCode);
        if (end === 'aborted') open.fail({ code: 'aborted' });
        else if (statusCode >= 500) open.fail({ code: String(statusCode) });
        open.span.end();
      });
      done();
    });
  });
  // The body arrives in the context of its connection.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.traceContext === undefined) done();
    else context.with(request.traceContext, done);
  });
}

function startRequestSpan({ method, routeOptions, headers, id }: FastifyRequest): OpenSpan {
  // The template, as in metrics: a path has the ids of documents.
  const route = routeOptions.url ?? 'none';
  const attributes = { 'http.request.method': method, 'http.route': route, 'xnai.request_id': id };
  const parent = propagation.extract(context.active(), headers);
  return startSpan(`${method} ${route}`, { kind: SpanKind.SERVER, attributes }, parent);
}
