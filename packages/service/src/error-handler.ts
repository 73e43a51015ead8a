import type { FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterS, toProblem, toServiceError } from './problem.ts';
import { ServiceError } from './service-error.ts';

/** Says what an app's own error means; undefined leaves it to the general rules. */
export type MapError = (error: unknown) => ServiceError | undefined;

/** Answers every error as problem+json, and logs what is our own fault. */
export function createErrorHandler(mapError: MapError = () => undefined) {
  return function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    sendProblem(emptyBodyError(error, request) ?? mapError(error) ?? toServiceError(error), request, reply);
  };
}

export function sendProblem(error: ServiceError, request: FastifyRequest, reply: FastifyReply): void {
  if (error.code === 'INTERNAL') request.log.error({ err: error.cause ?? error }, 'request failed');
  else if (error.status >= 500) request.log.warn({ code: error.code, err: error.cause }, 'request refused');
  const retryAfter = retryAfterS(error);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  // Serialised here: a route's response schema for this status is not asked.
  reply
    .code(error.status)
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(toProblem(error, request.id));
}

// A route that wants a body and got none fails in validation: say the plain reason instead.
function emptyBodyError(error: unknown, request: FastifyRequest): ServiceError | undefined {
  const { validationContext } = error as { validationContext?: unknown };
  const isEmpty = validationContext === 'body' && (request.body === undefined || request.body === null);
  return isEmpty ? new ServiceError('BODY_EMPTY') : undefined;
}
