import { BrokenCircuitError, BulkheadRejectedError, TaskCancelledError } from 'cockatiel';

/** Every error of this package, with the HTTP status that it maps to. */
export const errorTable = {
  BREAKER_OPEN: { status: 503, message: 'the circuit is open' },
  BREAKER_ISOLATED: { status: 503, message: 'the circuit is held open by an operator' },
  BULKHEAD_FULL: { status: 503, message: 'too many calls are running and waiting' },
  BULKHEAD_TIMEOUT: { status: 503, message: 'no slot became free in time' },
  RESOURCE_EXHAUSTED: { status: 503, message: 'a resource is nearly used up' },
  ATTEMPT_TIMEOUT: { status: 504, message: 'the attempt took too long' },
  DEADLINE_EXCEEDED: { status: 504, message: 'the deadline passed' },
  UNKNOWN_BREAKER: { status: 404, message: 'no such breaker' },
  GENERATION_MOVED: { status: 412, message: 'the breaker has changed since' },
  STORE_DOWN: { status: 503, message: 'the shared store cannot be reached' },
  BAD_OPTIONS: { status: 500, message: 'the options make no sense' },
} as const;

export type ErrorCode = keyof typeof errorTable;

export interface ErrorDetails {
  readonly message?: string;
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export class ResilienceError extends Error {
  override readonly name: string = 'ResilienceError';
  readonly code: ErrorCode;
  readonly statusCode: number;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(
      details.message ?? errorTable[code].message,
      'cause' in details ? { cause: details.cause } : undefined,
    );
    this.code = code;
    this.statusCode = errorTable[code].status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/**
 * A call was not made because the circuit is open or half-open. Known to cockatiel as a broken circuit.
 * `scope` says who opened it: this replica, the fleet, or an operator.
 */
export class BreakerOpenError extends BrokenCircuitError {
  override readonly name: string = 'BreakerOpenError';
  readonly code: ErrorCode;
  readonly statusCode = 503;
  readonly breaker: string;
  readonly scope: 'local' | 'shared' | 'forced';
  /** Exact while open; in half-open, when a slot is free at the latest, or when it is worth asking for one again. */
  readonly retryAfterMs: number = 0;
  declare readonly isIsolatedCircuitError?: true;

  constructor(breaker: string, scope: 'local' | 'shared' | 'forced', cause: unknown) {
    super(`${breaker}: ${errorTable[scope === 'forced' ? 'BREAKER_ISOLATED' : 'BREAKER_OPEN'].message}`);
    this.breaker = breaker;
    this.scope = scope;
    this.code = scope === 'forced' ? 'BREAKER_ISOLATED' : 'BREAKER_OPEN';
    this.cause = cause;
    if (scope === 'forced') this.isIsolatedCircuitError = true;
    // A rejection says nothing of where it was made: the stack would be most of its cost.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * One rejection. Derived from an error made once per opening: an instance in every respect but the stack, which
 * costs seven microseconds and would point at this line.
 */
export const rejection = (template: BreakerOpenError, retryAfterMs: number): BreakerOpenError => {
  const rejected = Object.create(template) as { retryAfterMs: number };
  rejected.retryAfterMs = retryAfterMs;
  return rejected as BreakerOpenError;
};

export class DeadlineError extends TaskCancelledError {
  override readonly name: string = 'DeadlineError';
  readonly code: 'ATTEMPT_TIMEOUT' | 'DEADLINE_EXCEEDED';
  readonly statusCode = 504;

  constructor(code: 'ATTEMPT_TIMEOUT' | 'DEADLINE_EXCEEDED', afterMs: number) {
    super(`${errorTable[code].message} (${Math.round(afterMs)} ms)`);
    this.code = code;
  }
}

export class BulkheadError extends BulkheadRejectedError {
  override readonly name: string = 'BulkheadError';
  readonly code: 'BULKHEAD_FULL' | 'BULKHEAD_TIMEOUT';
  readonly statusCode = 503;
  readonly retryAfterMs: number;

  constructor(
    code: 'BULKHEAD_FULL' | 'BULKHEAD_TIMEOUT',
    {
      limit,
      queue,
      retryAfterMs,
    }: { readonly limit: number; readonly queue: number; readonly retryAfterMs: number },
  ) {
    super(limit, queue);
    this.message = `${errorTable[code].message} (${limit} running, ${queue} waiting)`;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
