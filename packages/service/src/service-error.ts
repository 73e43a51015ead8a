import { CODES, type Code } from '@xnai/contracts';

/** One thing wrong with a request: where (`a.b.0`) and what. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export interface ServiceErrorOptions {
  /** Shown to the caller, so it never holds secrets or causes. Default: the title of the code. */
  readonly detail?: string;
  /** Logged, never shown. */
  readonly cause?: unknown;
  /** When it is worth trying again; becomes `Retry-After`. */
  readonly retryAfterMs?: number;
  readonly errors?: readonly FieldError[];
}

/** An error that has its place in the table of codes; the HTTP edge turns it into problem+json. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: Code;
  readonly detail: string;
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly FieldError[] | undefined;

  constructor(code: Code, options: ServiceErrorOptions = {}) {
    const detail = options.detail ?? CODES[code].title;
    super(detail, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.retryAfterMs = options.retryAfterMs;
    this.errors = options.errors;
  }

  get status(): number {
    return CODES[this.code].status;
  }
}
