import type { FastifyReply, FastifyRequest } from 'fastify';
import { retryAfterS, toProblem } from './problem.ts';
import { ServiceError } from './service-error.ts';

/** Answers every error as problem+json, and logs the faults of the service itself. */
export function handleError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = emptyBodyError(thrown, request) ?? request.server.explain(thrown);
  const type = 'application/problem+json; charset=utf-8';
  const problem = toProblem(error, request.id);
  // Clients of OpenAI's API look for the message there, whatever address they were given.
  const body = request.is404 ? { ...problem, error: { message: error.message } } : problem;
  answerError(error, request, reply, { type, body });
}

/** Answers an error with a body of another form; status, headers and log lines are those of all routes. */
export function answerError(
  error: ServiceError,
  request: FastifyRequest,
  reply: FastifyReply,
  { type, body }: { readonly type: string; readonly body: object },
): void {
  logOwnFault(error, request, reply);
  const retryAfter = retryAfterS(error);
  if (retryAfter !== undefined && !reply.hasHeader('retry-after')) reply.header('retry-after', retryAfter);
  // An error from before the hooks (a bad URL) comes here without the header.
  reply.header('x-request-id', request.id);
  if (error.status === 401) reply.header('www-authenticate', 'Bearer');
  // The serializer is set here, because the route's response schema for this status has another form.
  reply.code(error.status).type(type).serializer(JSON.stringify).send(body);
}

/** Logs an error of the 5xx kind, unless the client is gone: its abort is the usual reason then. */
export function logOwnFault(error: ServiceError, request: FastifyRequest, reply: FastifyReply): void {
  if (error.status < 500 || reply.raw.destroyed) return;
  if (error.code === 'INTERNAL') request.log.error({ err: error.cause ?? error }, 'request failed');
  else request.log.warn({ code: error.code, err: error.cause }, 'request not served');
}

// A route that needs a body and got none fails in validation; the plain reason is clearer.
function emptyBodyError(error: unknown, request: FastifyRequest): ServiceError | undefined {
  const { validationContext } = error as { validationContext?: unknown };
  const isEmpty = validationContext === 'body' && (request.body === undefined || request.body === null);
  return isEmpty ? new ServiceError('BODY_EMPTY') : undefined;
}
