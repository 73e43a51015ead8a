import type { FastifyInstance } from 'fastify';
import { ServiceError } from './service-error.ts';

/** An event stream that is open now. */
export interface OpenStream {
  /** A stream that never ends by itself is ended by the stop of the service. */
  readonly onStop: 'end' | 'finish';
  /** Ends it at once, and says why in a last event. */
  end(): void;
}

const IDLE_SWEEP_MS = 50;

/**
 * While draining, this replica is not ready, and serves what still comes; answers close their connection. While stopping, new
 * requests get 503 as well, and endless streams end.
 */
export function addClosing(app: FastifyInstance): void {
  const streams = new Set<OpenStream>();
  let isClosing = false;
  app.decorate('openStreams', streams);
  app.decorate('draining', { isOn: false });
  let sweep: NodeJS.Timeout | undefined;
  app.addHook('preClose', async () => {
    isClosing = true;
    app.draining.isOn = true;
    for (const { onStop, end } of [...streams]) if (onStop === 'end') end();
    // A kept-alive connection becomes idle when its answer has been sent; its own time-out would take longer.
    sweep = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS);
  });
  app.addHook('onClose', async () => clearInterval(sweep));
  app.addHook('onRequest', async () => {
    if (isClosing) throw new ServiceError('SHUTTING_DOWN');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (app.draining.isOn) reply.header('connection', 'close');
  });
}
