import { AsyncLocalStorage } from 'node:async_hooks';
import { MAX_REQUEST_TIMEOUT_MS } from '@xnai/contracts';
import { DEADLINE_HEADER, type Deadline, deadlineFromHeader } from '@xnai/resilience';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { onAnswerEnd } from './answer-end.ts';
import { ServiceError } from './service-error.ts';

// A handler that listens to its signal answers by itself in this time.
const GRACE_MS = 250;

declare module 'fastify' {
  interface FastifyInstance {
    /** Of calls from inside: a request that is injected within `run` is aborted with this signal. */
    outerSignal: AsyncLocalStorage<AbortSignal>;
  }
  interface FastifyRequest {
    /** Until when the client waits; undefined when it does not say. */
    deadline: Deadline | undefined;
  }
}

/**
 * Reads `X-Request-Timeout-Ms` into `request.deadline`, and gives each request its `request.signal`, which aborts when
 * the client goes away and when the deadline passes. Then the answer is 504, whether the handler listens or not.
 */
export function addDeadlines(app: FastifyInstance): void {
  app.decorateRequest('deadline', undefined);
  app.decorate('outerSignal', new AsyncLocalStorage<AbortSignal>());
  app.addHook('onRequest', async (request, reply) => {
    const controller = new AbortController();
    Object.defineProperty(request, 'signal', { value: controller.signal });
    request.deadline = deadlineOf(request);
    follow(controller, app.outerSignal.getStore());
    const timers = request.deadline === undefined ? [] : deadlineTimers(controller, reply, request.deadline);
    onAnswerEnd(reply, (end) => {
      timers.forEach(clearTimeout);
      if (end === 'aborted') controller.abort(new DOMException('The client is gone', 'AbortError'));
    });
  });
}

function follow(controller: AbortController, outer: AbortSignal | undefined): void {
  if (outer?.aborted) controller.abort(outer.reason);
  else outer?.addEventListener('abort', () => controller.abort(outer.reason), { once: true });
}

function deadlineTimers(controller: AbortController, reply: FastifyReply, deadline: Deadline) {
  const error = new ServiceError('DEADLINE_EXCEEDED');
  const timeoutMs = deadline.remainingMs();
  return [
    setTimeout(() => controller.abort(error), timeoutMs),
    setTimeout(() => {
      // A stream that has begun is ended by its writer.
      if (!reply.sent && !reply.raw.headersSent) reply.send(error);
    }, timeoutMs + GRACE_MS),
  ];
}

function deadlineOf({ headers }: FastifyRequest): Deadline | undefined {
  const deadline = deadlineFromHeader(headers[DEADLINE_HEADER], { maxMs: MAX_REQUEST_TIMEOUT_MS });
  if (deadline !== 'invalid') return deadline;
  const message = `expected a whole number of milliseconds from 1 to ${MAX_REQUEST_TIMEOUT_MS}`;
  throw new ServiceError('VALIDATION', {
    detail: `X-Request-Timeout-Ms: ${message}`,
    errors: [{ path: 'X-Request-Timeout-Ms', message }],
  });
}
