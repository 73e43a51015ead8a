const TABLE = {
  DOCUMENT_NOT_READABLE: { status: 422, message: 'The document could not be parsed', retryable: false },
  OVERLOADED: { status: 503, message: 'Too much waits to be parsed', retryable: true },
} as const satisfies Record<string, { status: number; message: string; retryable: boolean }>;

export type ParseErrorCode = keyof typeof TABLE;

export interface ParseErrorOptions {
  readonly detail?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** What parsing a document throws. Decide by `code`. */
export class ParseError extends Error {
  readonly code: ParseErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ParseErrorCode, options: ParseErrorOptions = {}) {
    const { message, status, retryable } = TABLE[code];
    super(options.detail ?? message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ParseError';
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
