import { type FetchCode, FetchError } from '../fetch-error.ts';

interface Signals {
  readonly cancel: AbortSignal | undefined;
  /** Aborted when the time is over, or together with `cancel`. */
  readonly limit: AbortSignal;
}

/** Codes that say more than "it failed"; all others are a `network-error`, worth another try. */
const CODES: Readonly<Record<string, { code: FetchCode; retryable?: boolean }>> = {
  UND_ERR_CONNECT_TIMEOUT: { code: 'timeout' },
  UND_ERR_HEADERS_TIMEOUT: { code: 'timeout' },
  UND_ERR_BODY_TIMEOUT: { code: 'timeout' },
  ETIMEDOUT: { code: 'timeout' },
  UND_ERR_HEADERS_OVERFLOW: { code: 'too-large' },
  HPE_HEADER_OVERFLOW: { code: 'too-large' },
  ENOTFOUND: { code: 'network-error', retryable: false },
};

/** A certificate that is wrong now is wrong in a second. */
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH)/;
/** Broken compressed data; it comes from the server as it is. */
const ZLIB_CODE = /^(Z_|ERR_BROTLI|ERR_ZLIB|ERR__ERROR|ZSTD_error|ERR_PADDING|ERR_FORMAT)/;

/** Gives any failure of a fetch its code, and leaves behind everything that tells where a name led. */
export function toFetchError(error: unknown, signals: Signals, url: string): FetchError {
  if (signals.cancel?.aborted === true) return new FetchError('cancelled', { url });
  if (signals.limit.aborted) return new FetchError('timeout', { url });
  if (error instanceof FetchError) {
    return new FetchError(error.code, {
      url: error.url ?? url,
      retryable: error.retryable,
      ...(error.status !== undefined && { status: error.status }),
    });
  }
  const systemCode = codeOf(error);
  const known = CODES[systemCode] ?? { code: 'network-error' as const };
  const isFinal = TLS_CODE.test(systemCode) || ZLIB_CODE.test(systemCode);
  const retryable = isFinal ? false : known.retryable;
  return new FetchError(known.code, { url, systemCode, ...(retryable !== undefined && { retryable }) });
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // `net.connect` with several addresses: the first failure stands for all.
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
