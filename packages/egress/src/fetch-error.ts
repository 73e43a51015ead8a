import type { PageReason } from '@xnai/contracts';
import { defineErrors, type ErrorEntry, type TableErrorOptions } from '@xnai/contracts/errors';

function failure(title: string, retryable = false): ErrorEntry {
  return { title, retryable };
}

/** Why a fetch returned nothing. Each code is one of the reasons that a page may have. */
const FETCH_FAILURES = {
  'url-invalid': failure('The URL cannot be fetched'),
  'not-public': failure('The target is not a public address'),
  'too-many-redirects': failure('There are too many redirects'),
  'too-large': failure('The response is larger than allowed'),
  'content-type': failure('The response has a type or encoding that is not read'),
  'http-error': failure('The server answered with an error'),
  timeout: failure('The server did not answer in time', true),
  'network-error': failure('The server could not be reached', true),
  cancelled: failure('The fetch was cancelled'),
} satisfies Partial<Record<PageReason, ErrorEntry>>;

export type FetchCode = keyof typeof FETCH_FAILURES;

export interface FetchErrorDetails extends Pick<TableErrorOptions, 'retryable' | 'retryAfterMs'> {
  readonly url?: string;
  /** HTTP status of the server's answer. */
  readonly status?: number;
  /** Node's or undici's code, such as ECONNREFUSED. */
  readonly systemCode?: string;
}

/**
 * Carries no `cause`: a system error names the address that a host name resolved to, which would tell a client
 * about the network that this service is in.
 */
export class FetchError extends defineErrors('FetchError', FETCH_FAILURES) {
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly systemCode: string | undefined;

  constructor(code: FetchCode, { url, status, systemCode, retryable, retryAfterMs }: FetchErrorDetails = {}) {
    super(code, { retryable, retryAfterMs });
    this.url = url;
    this.status = status;
    this.systemCode = systemCode;
  }
}
