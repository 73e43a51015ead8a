const TABLE = {
  UNREACHABLE: { message: 'the model hub cannot be reached', retryable: true },
  RATE_LIMITED: { message: 'the model hub asks to come back later', retryable: true },
  HUB_FAILED: { message: 'the model hub failed', retryable: true },
  INTERRUPTED: { message: 'the transfer broke off again and again', retryable: true },
  BUSY: { message: 'another process is fetching this file', retryable: true },
  RANGE_REFUSED: { message: 'the model hub does not give the rest of the file', retryable: true },
  DISK_FULL: { message: 'there is not enough disk space', retryable: true },
  NOT_WRITABLE: { message: 'the model directory cannot be written', retryable: true },
  NOT_FOUND: { message: 'the model hub has no such file', retryable: false },
  NO_ACCESS: { message: 'the model hub does not give this file to everyone', retryable: false },
  HASH_MISMATCH: { message: 'the file does not have the hash that the hub states', retryable: false },
  BAD_ANSWER: { message: 'the model hub answered in an unexpected form', retryable: true },
} as const satisfies Record<string, { message: string; retryable: boolean }>;

export type FetchErrorCode = keyof typeof TABLE;

/** Why a model file could not be fetched. `retryable`: it may work later without anybody doing anything. */
export class FetchError extends Error {
  override readonly name = 'FetchError';
  readonly code: FetchErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: FetchErrorCode,
    options: {
      readonly detail?: string;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    const { message, retryable } = TABLE[code];
    const text = options.detail === undefined ? message : `${message}: ${options.detail}`;
    super(text, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
