import type { FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterS, toProblem } from './problem.ts';
import { ServiceError } from './service-error.ts';

/** Answers every error as problem+json, and logs what is our own fault. */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = emptyBodyError(thrown, request) ?? request.server.explain(thrown);
  logOwnFault(error, request, reply);
  const retryAfter = retryAfterS(error);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  // Errors from before the hooks (a bad URL) come here without the header.
  reply.header('x-request-id', request.id);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  // Serialised here: a route's response schema for this status is not asked.
  reply
    .code(error.status)
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(toProblem(error, request.id));
}

function logOwnFault(error: ServiceError, request: FastifyRequest, reply: FastifyReply): void {
  const isClientGone = reply.raw.destroyed;
  if (error.status < 500 || isClientGone) return;
  if (error.code === 'INTERNAL') request.log.error({ err: error.cause ?? error }, 'request failed');
  else request.log.warn({ code: error.code, err: error.cause }, 'request not served');
}

// A route that wants a body and got none fails in validation: say the plain reason instead.
function emptyBodyError(error: unknown, request: FastifyRequest): ServiceError | undefined {
  const { validationContext } = error as { validationContext?: unknown };
  const isEmpty = validationContext === 'body' && (request.body === undefined || request.body === null);
  return isEmpty ? new ServiceError('BODY_EMPTY') : undefined;
}
