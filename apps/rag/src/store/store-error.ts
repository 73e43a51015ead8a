const TABLE = {
  COLLECTION_NOT_FOUND: {
    status: 404,
    message: 'There is no such collection (yet): its first document makes it',
    retryable: false,
  },
  STORAGE_FULL: { status: 503, message: 'Storage is full', retryable: true },
  INDEX_BUSY: { status: 503, message: 'Another process is writing to the index', retryable: true },
  INDEX_DAMAGED: { status: 500, message: 'The index file is damaged', retryable: false },
  INDEX_NEWER: { status: 500, message: 'The index was written by a newer version', retryable: false },
  INDEX_FOREIGN: { status: 500, message: 'The file is not an index of this service', retryable: false },
  VECTORS_NOT_KEPT: { status: 500, message: 'This store keeps no vectors', retryable: false },
  STORE_CLOSED: { status: 503, message: 'The store is closed', retryable: true },
  STORE_FAILED: { status: 500, message: 'The store could not do its work', retryable: true },
} as const satisfies Record<string, { status: number; message: string; retryable: boolean }>;

export type StoreErrorCode = keyof typeof TABLE;

const FOR_OPERATOR = new Set<StoreErrorCode>(['INDEX_DAMAGED', 'INDEX_NEWER', 'INDEX_FOREIGN']);

export interface StoreErrorOptions {
  readonly detail?: string | undefined;
  readonly cause?: unknown;
}

/** Everything that a store throws of itself. Decide by `code`. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  /** At start: nothing is wrong with the program, and the message says what can be done. */
  readonly forOperator: boolean;

  constructor(code: StoreErrorCode, options: StoreErrorOptions = {}) {
    const { message, status, retryable } = TABLE[code];
    super(options.detail ?? message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'StoreError';
    this.code = code;
    this.status = status;
    this.retryable = retryable;
    this.forOperator = FOR_OPERATOR.has(code);
  }
}

export function isStoreErrorCode(code: unknown): code is StoreErrorCode {
  return typeof code === 'string' && Object.hasOwn(TABLE, code);
}
