import type { ErrorEntry } from './define-errors.ts';

/** What a problem code means on the wire. */
export interface CodeEntry extends ErrorEntry {
  /** Of the HTTP answer. */
  readonly status: number;
}

function entry(status: number, title: string, retryable = false): CodeEntry {
  return { status, title, retryable };
}

/**
 * Every code that an error answer of either service can carry (RFC 9457 problem details). The errors of other
 * packages that reach a client take their entries from here.
 */
export const CODES = {
  VALIDATION: entry(400, 'The request does not have the expected form'),
  BODY_EMPTY: entry(400, 'The body or document is empty'),
  BODY_NOT_JSON: entry(400, 'The body is not valid JSON'),
  NOT_UTF8: entry(400, 'The body is not valid UTF-8'),
  INPUT_EMPTY: entry(400, 'The text holds nothing that the model can read'),
  PROMPT_TOO_LONG: entry(400, 'The prompt does not fit into the context of the model'),
  INVALID_GRAMMAR: entry(400, 'The JSON schema for the answer cannot be used'),
  UNAUTHORIZED: entry(401, 'A valid API key is needed'),
  FORBIDDEN: entry(403, 'The API key does not have the needed scope'),
  ORIGIN_NOT_ALLOWED: entry(403, 'Pages of this origin may not use the route'),
  DOCUMENT_NOT_WEB: entry(403, 'With this API key only pages of the web may be changed'),
  NOT_FOUND: entry(404, 'There is no such route'),
  MODEL_NOT_FOUND: entry(404, 'There is no such model'),
  COLLECTION_NOT_FOUND: entry(404, 'There is no such collection'),
  DOCUMENT_NOT_FOUND: entry(404, 'There is no such document'),
  BATCH_NOT_FOUND: entry(404, 'There is no such batch'),
  CRAWL_NOT_FOUND: entry(404, 'There is no such crawl'),
  SCHEDULE_NOT_FOUND: entry(404, 'There is no such schedule'),
  BREAKER_NOT_FOUND: entry(404, 'There is no such breaker'),
  METHOD_NOT_ALLOWED: entry(405, 'The route does not take this method'),
  GENERATION_MISMATCH: entry(412, 'The breaker has moved on since that generation'),
  BODY_TOO_LARGE: entry(413, 'The body is larger than allowed'),
  UNSUPPORTED_MEDIA_TYPE: entry(415, 'The content type is not supported'),
  IDEMPOTENCY_KEY_REUSED: entry(422, 'The idempotency key was used with another body'),
  TARGET_NOT_PUBLIC: entry(422, 'The target is not a public address'),
  PAGE_DISALLOWED: entry(422, 'robots.txt does not allow the page'),
  DOCUMENT_NOT_READABLE: entry(422, 'The document could not be parsed'),
  DOCUMENT_CHARSET: entry(422, 'The charset of the document could not be found out'),
  DOCUMENT_ENCRYPTED: entry(422, 'The document is encrypted with a password'),
  DOCUMENT_SCANNED: entry(422, 'The document holds images of pages without text'),
  DOCUMENT_DAMAGED: entry(422, 'The document is damaged, or is not what its media type says'),
  DOCUMENT_TOO_LARGE: entry(422, 'Reading the document takes more memory or time than allowed'),
  RATE_LIMITED: entry(429, 'Too many requests with this API key', true),
  INTERNAL: entry(500, 'Something went wrong on our side', true),
  PAGE_NOT_FETCHED: entry(502, 'The page could not be fetched', true),
  MODEL_NOT_READY: entry(503, 'No generation model is ready', true),
  EMBEDDER_NOT_READY: entry(503, 'No embedding model is ready', true),
  RERANKER_NOT_READY: entry(503, 'No reranking model is ready', true),
  MODEL_CRASHED: entry(503, 'The model process ended during the request', true),
  MODEL_SERVER_FAILED: entry(502, 'The model server failed', true),
  BROWSER_NOT_AVAILABLE: entry(503, 'No browser is available', true),
  REDIS_UNAVAILABLE: entry(503, 'Redis cannot be reached', true),
  STORE_UNREACHABLE: entry(503, 'The database of the documents cannot be reached', true),
  CRAWLER_UNAVAILABLE: entry(503, 'The crawler cannot be reached', true),
  BREAKER_OPEN: entry(503, 'A dependency is failing and its circuit breaker is open', true),
  OVERLOADED: entry(503, 'The service is full', true),
  AUDIT_UNAVAILABLE: entry(503, 'The act cannot be recorded, so it is refused', true),
  AUDIT_ABSENT: entry(503, 'There is no record of acts', true),
  AUDIT_UNREADABLE: entry(503, 'The record of acts cannot be read', true),
  STORAGE_FULL: entry(503, 'Storage is full', true),
  SHUTTING_DOWN: entry(503, 'The service is stopping', true),
  DEADLINE_EXCEEDED: entry(504, 'The deadline passed before the answer was ready', true),
} as const satisfies Record<string, CodeEntry>;

/** The name of one entry of {@link CODES}. */
export type Code = keyof typeof CODES;
