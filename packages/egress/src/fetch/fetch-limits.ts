export interface FetchLimits {
  readonly maxDecodedBytes: number;
  /** Decoded bytes per byte on the wire, looked at from `ratioFromBytes` decoded bytes on. */
  readonly maxRatio: number;
  readonly ratioFromBytes: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  readonly maxRedirects: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly bodyIdleTimeoutMs: number;
  /** All hops and the whole body: a server that drips bytes is given up. */
  readonly totalTimeoutMs: number;
  readonly connectionsPerOrigin: number;
}

export const DEFAULT_FETCH_LIMITS: FetchLimits = {
  maxDecodedBytes: 10 * 1024 * 1024,
  maxRatio: 100,
  ratioFromBytes: 1024 * 1024,
  maxHeaderBytes: 32 * 1024,
  maxHeaders: 200,
  maxRedirects: 5,
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  bodyIdleTimeoutMs: 15_000,
  totalTimeoutMs: 30_000,
  connectionsPerOrigin: 50,
};
