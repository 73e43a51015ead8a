import { CODES, type Code, type Problem } from '@xnai/contracts';
import { ServiceError } from './service-error.ts';

/** The wire form of an error. A cause never gets into it. */
export function toProblem(error: ServiceError, requestId: string): Problem {
  const { title, status } = CODES[error.code];
  return {
    type: `urn:xnai:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    code: error.code,
    detail: error.message,
    request_id: requestId,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
  };
}

/** Seconds for `Retry-After`, for the answers that should carry it. */
export function retryAfterS(error: ServiceError): number | undefined {
  if (error.retryAfterMs !== undefined) return Math.max(1, Math.ceil(error.retryAfterMs / 1000));
  return error.status === 503 ? 1 : undefined;
}

/** Finds the code of any thrown value in the table; a value without one is INTERNAL. */
export function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (!(error instanceof Error)) return new ServiceError('INTERNAL', { cause: error });
  const code = codeOf(error);
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return new ServiceError(code, {
    cause: error,
    ...(isTold(code, error) ? { detail: detailOf(error) } : {}),
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  });
}

function codeOf(error: Error & { code?: unknown; statusCode?: unknown }): Code {
  const { code, statusCode } = error;
  if (typeof code === 'string') {
    const known = FOREIGN_CODES[code] ?? (Object.hasOwn(CODES, code) ? (code as Code) : undefined);
    if (known !== undefined) return known;
  }
  // A request is aborted at the client's own deadline, or because the client is gone and reads no answer.
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'DEADLINE_EXCEEDED';
  return (typeof statusCode === 'number' && STATUS_CODES[statusCode]) || 'INTERNAL';
}

// Codes of the framework and of @xnai/resilience.
const FOREIGN_CODES: Readonly<Record<string, Code>> = {
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_EMPTY',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'VALIDATION',
  FST_ERR_BAD_URL: 'VALIDATION',
  FST_ERR_MAX_PARAM_LENGTH: 'VALIDATION',
  FST_ERR_NOT_FOUND: 'NOT_FOUND',
  // Refused by a guard around a call to something else.
  BREAKER_ISOLATED: 'BREAKER_OPEN',
  BULKHEAD_FULL: 'OVERLOADED',
  BULKHEAD_TIMEOUT: 'OVERLOADED',
  RESOURCE_EXHAUSTED: 'OVERLOADED',
  ATTEMPT_TIMEOUT: 'DEADLINE_EXCEEDED',
  STORE_DOWN: 'REDIS_UNAVAILABLE',
  UNKNOWN_BREAKER: 'BREAKER_NOT_FOUND',
  GENERATION_MOVED: 'GENERATION_MISMATCH',
};

// Errors of plugins that have a status and no code of ours.
const STATUS_CODES: Readonly<Record<number, Code>> = {
  400: 'VALIDATION',
  404: 'NOT_FOUND',
  406: 'UNSUPPORTED_MEDIA_TYPE',
  413: 'BODY_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** The cause of a 5xx is only logged. The figure of full memory is shown: it helps the client and reveals nothing else. */
function isTold(code: Code, error: Error & { code?: unknown }): boolean {
  return CODES[code].status < 500 || error.code === 'RESOURCE_EXHAUSTED';
}

function detailOf(error: Error & { code?: unknown }): string {
  // The framework refuses a malformed type; for a well-formed one, `addJsonBody` says which type the route expects.
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return 'Content-Type is malformed: JSON is sent as application/json';
  return error.message;
}
