import type { OpenAiError } from '@xnai/contracts';
import { answerError, type ServiceError } from '@xnai/service';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Answers an error as OpenAI's clients expect it; status, `Retry-After` and logging are those of all routes. */
export function answerOpenAiError(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const error = request.server.explain(thrown);
  const type = 'application/json; charset=utf-8';
  answerError(error, request, reply, { type, body: toOpenAiError(error) });
}

export function toOpenAiError(error: ServiceError): OpenAiError {
  return {
    error: {
      message: error.message,
      type: typeOf(error.status),
      param: error.errors?.[0]?.path || null,
      code: CODES[error.code] ?? error.code.toLowerCase(),
    },
  };
}

/** Codes that clients of OpenAI decide by. */
const CODES: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'invalid_api_key',
  PROMPT_TOO_LONG: 'context_length_exceeded',
  RATE_LIMITED: 'rate_limit_exceeded',
};

function typeOf(status: number): string {
  switch (status) {
    case 401:
      return 'authentication_error';
    case 403:
      return 'permission_error';
    case 404:
      return 'not_found_error';
    case 429:
      return 'rate_limit_error';
    case 503:
      return 'unavailable_error';
    default:
      return status < 500 ? 'invalid_request_error' : 'server_error';
  }
}
