import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onAnswerEnd } from './answer-end.ts';
import { ServiceError } from './service-error.ts';

const MAX_TIMEOUT_MS = 3_600_000;
// A handler that listens to its signal answers by itself in this time.
const GRACE_MS = 250;

/**
 * Gives each request its `request.signal`: aborted when the client goes away, and when the time of
 * `X-Request-Timeout-Ms` is over. Then the answer is 504, whether the handler listens or not.
 */
export function addDeadlines(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const controller = new AbortController();
    Object.defineProperty(request, 'signal', { value: controller.signal });
    const timeoutMs = timeoutOf(request);
    const timers = timeoutMs === undefined ? [] : deadlineTimers(controller, reply, timeoutMs);
    onAnswerEnd(reply, (end) => {
      timers.forEach(clearTimeout);
      if (end === 'aborted') controller.abort(new DOMException('The client is gone', 'AbortError'));
    });
  });
}

function deadlineTimers(controller: AbortController, reply: FastifyReply, timeoutMs: number) {
  const error = new ServiceError('DEADLINE_EXCEEDED');
  return [
    setTimeout(() => controller.abort(error), timeoutMs),
    setTimeout(() => {
      // A stream that has begun is ended by its writer.
      if (!reply.sent && !reply.raw.headersSent) reply.send(error);
    }, timeoutMs + GRACE_MS),
  ];
}

function timeoutOf(request: FastifyRequest): number | undefined {
  const header = request.headers['x-request-timeout-ms'];
  if (header === undefined) return undefined;
  const timeoutMs = Number(header);
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  const message = `expected a whole number of milliseconds from 1 to ${MAX_TIMEOUT_MS}`;
  throw new ServiceError('VALIDATION', {
    detail: `X-Request-Timeout-Ms: ${message}`,
    errors: [{ path: 'X-Request-Timeout-Ms', message }],
  });
}
