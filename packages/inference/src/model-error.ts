const TABLE = {
  MODEL_NOT_READY: { status: 503, message: 'No generation model is ready', retryable: true },
  EMBEDDER_NOT_READY: { status: 503, message: 'No embedding model is ready', retryable: true },
  RERANKER_NOT_READY: { status: 503, message: 'No reranking model is ready', retryable: true },
  OVERLOADED: { status: 503, message: 'The model has no room for another request', retryable: true },
  BREAKER_OPEN: { status: 503, message: 'The model is failing and its breaker is open', retryable: true },
  MODEL_CRASHED: { status: 503, message: 'The model process ended during the request', retryable: true },
  DEADLINE_EXCEEDED: {
    status: 504,
    message: 'The deadline passes before the model could answer',
    retryable: true,
  },
  INPUT_EMPTY: { status: 400, message: 'The text holds nothing that the model can read', retryable: false },
  PROMPT_TOO_LONG: { status: 400, message: 'The prompt does not fit into the context', retryable: false },
  INVALID_GRAMMAR: { status: 400, message: 'The JSON schema cannot be used', retryable: false },
  MODEL_UNUSABLE: { status: 503, message: 'The model file cannot be used', retryable: false },
} as const satisfies Record<string, { status: number; message: string; retryable: boolean }>;

export type ModelErrorCode = keyof typeof TABLE;

export interface ModelErrorOptions {
  readonly detail?: string | undefined;
  /** When a new try may succeed; rounded up to seconds for `Retry-After`. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** Everything that a model port throws of itself. Decide by `code`. */
export class ModelError extends Error {
  readonly code: ModelErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ModelErrorCode, options: ModelErrorOptions = {}) {
    const entry = TABLE[code];
    super(options.detail ?? entry.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ModelError';
    this.code = code;
    this.status = entry.status;
    this.retryable = entry.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
