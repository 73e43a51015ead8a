import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service-error.ts';

const IDLE_SWEEP_MS = 50;

/** While stopping: new requests get 503, answers close their connection, endless streams end. */
export function addClosing(app: FastifyInstance): void {
  let isClosing = false;
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    isClosing = true;
    app.openStreams.endAll();
    // A kept-alive connection becomes idle when its answer is out; waiting for its time-out would take long.
    sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  });
  app.addHook('onClose', async () => clearInterval(sweep));
  app.addHook('onRequest', async () => {
    if (isClosing) throw new ServiceError('SHUTTING_DOWN');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isClosing) reply.header('connection', 'close');
  });
}
