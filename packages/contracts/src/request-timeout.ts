/** Largest value of the request header `X-Request-Timeout-Ms`: one hour. */
export const MAX_REQUEST_TIMEOUT_MS = 3_600_000;
