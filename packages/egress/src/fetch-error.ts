import type { PageReason } from '@xnai/contracts';

interface FailureEntry {
  readonly message: string;
  readonly retryable: boolean;
}

function failure(message: string, retryable = false): FailureEntry {
  return { message, retryable };
}

/** Why a fetch gave nothing. Each code is the page reason that a crawl reports. */
export const FETCH_FAILURES = {
  'url-invalid': failure('The URL cannot be fetched'),
  'not-public': failure('The target is not a public address'),
  'redirect-out-of-scope': failure('A redirect leads out of the scope of the crawl'),
  'too-many-redirects': failure('There are too many redirects'),
  'too-large': failure('The response is larger than allowed'),
  'content-type': failure('The response has a type or encoding that is not read'),
  'http-error': failure('The server answered with an error'),
  'render-failed': failure('The browser could not run the page'),
  timeout: failure('The server did not answer in time', true),
  'network-error': failure('The server could not be reached', true),
  'breaker-open': failure('The server fails again and again, and is left alone for a while'),
  cancelled: failure('The fetch was cancelled'),
  robots: failure('robots.txt does not allow the URL'),
  'robots-unreachable': failure('robots.txt could not be fetched', true),
  scope: failure('The URL is out of the scope of the crawl'),
  filtered: failure('The URL is filtered by the rules of the crawl'),
  trap: failure('The URL looks like one of an endless series'),
} as const satisfies Partial<Record<PageReason, FailureEntry>>;

export type FetchCode = keyof typeof FETCH_FAILURES;

export interface FetchErrorDetails {
  readonly url?: string;
  readonly status?: number;
  readonly retryAfterMs?: number;
  readonly retryable?: boolean;
  /** Node's or undici's code, such as ECONNREFUSED. */
  readonly systemCode?: string;
}

/**
 * Carries no `cause`: system errors name the address that a host name resolved to, and what the inside
 * of a network looks like is nobody's business.
 */
export class FetchError extends Error {
  readonly code: FetchCode;
  readonly retryable: boolean;
  readonly url: string | undefined;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly systemCode: string | undefined;

  constructor(code: FetchCode, details: FetchErrorDetails = {}) {
    super(FETCH_FAILURES[code].message);
    this.name = 'FetchError';
    this.code = code;
    this.retryable = details.retryable ?? FETCH_FAILURES[code].retryable;
    this.url = details.url;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.systemCode = details.systemCode;
  }
}
