import type { FastifyInstance } from 'fastify';
import { onAnswerEnd } from './answer-end.ts';
import { QUIET_ROUTES } from './quiet-routes.ts';

/** Logs each request once, when its response is sent or its client is gone. The query string is not logged. */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    onAnswerEnd(reply, (end) => {
      const line = {
        method: request.method,
        path: request.url.split('?', 1)[0],
        status: reply.raw.statusCode,
        ms: Math.round(reply.elapsedTime),
        key: request.caller?.id,
      };
      if (end === 'aborted') request.log.info(line, 'request aborted by client');
      else if (QUIET_ROUTES.has(request.routeOptions.url)) request.log.debug(line, 'request completed');
      else request.log.info(line, 'request completed');
    });
  });
}
