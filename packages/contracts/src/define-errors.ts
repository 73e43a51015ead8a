/** What a code of an error means. */
export interface ErrorEntry {
  /** Shown where the thrower gives no detail: a sentence without a full stop. */
  readonly title: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
}

/** What one error adds to the entry of its code. */
export interface TableErrorOptions {
  /** Takes the place of the title of the code. */
  readonly detail?: string | undefined;
  readonly cause?: unknown;
  /** When the same call may succeed; `Retry-After` tells a client so in whole seconds. */
  readonly retryAfterMs?: number | undefined;
  /** Where one case differs from the table. */
  readonly retryable?: boolean | undefined;
}

/**
 * Makes a class of errors from a table of its codes. Callers decide by `code`, never by the message.
 *
 * @example
 * export class ParseError extends defineErrors('ParseError', {
 *   DOCUMENT_NOT_READABLE: CODES.DOCUMENT_NOT_READABLE,
 *   OVERLOADED: { ...CODES.OVERLOADED, title: 'Too many documents wait to be parsed' },
 * }) {}
 * throw new ParseError('OVERLOADED', { cause, retryAfterMs: 2000 });
 */
export function defineErrors<const Table extends Readonly<Record<string, ErrorEntry>>>(
  name: string,
  table: Table,
) {
  type TableCode = Extract<keyof Table, string>;
  return class extends Error {
    static readonly table = table;

    static has(code: unknown): code is TableCode {
      return typeof code === 'string' && Object.hasOwn(table, code);
    }

    override readonly name = name;
    readonly code: TableCode;
    readonly retryable: boolean;
    readonly retryAfterMs: number | undefined;

    constructor(code: TableCode, options: TableErrorOptions = {}) {
      const { title, retryable } = table[code] as ErrorEntry;
      super(options.detail ?? title, options.cause === undefined ? {} : { cause: options.cause });
      this.code = code;
      this.retryable = options.retryable ?? retryable;
      this.retryAfterMs = options.retryAfterMs;
    }
  };
}
