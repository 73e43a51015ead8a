import { BrokenCircuitError, BulkheadRejectedError, TaskCancelledError } from 'cockatiel';

/** The codes of all errors of this package, each with its message. */
const messages = {
  BREAKER_OPEN: 'the circuit is open',
  BREAKER_ISOLATED: 'the circuit is held open by an operator',
  BULKHEAD_FULL: 'too many calls are running and waiting',
  BULKHEAD_TIMEOUT: 'no slot became free in time',
  RESOURCE_EXHAUSTED: 'a resource is nearly used up',
  ATTEMPT_TIMEOUT: 'the attempt took too long',
  DEADLINE_EXCEEDED: 'the deadline passed',
  UNKNOWN_BREAKER: 'no such breaker',
  GENERATION_MOVED: 'the breaker has changed since',
  STORE_DOWN: 'the shared store cannot be reached',
  BAD_OPTIONS: 'the options make no sense',
} as const;

export type ErrorCode = keyof typeof messages;

export interface ErrorDetails {
  readonly message?: string;
  readonly cause?: unknown;
  readonly retryAfterMs?: number;
}

export class ResilienceError extends Error {
  override readonly name: string = 'ResilienceError';
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(details.message ?? messages[code], 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
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
  readonly breaker: string;
  readonly scope: 'local' | 'shared' | 'forced';
  /** Exact while open; in half-open, when a slot is free at the latest, or when it is worth asking for one again. */
  readonly retryAfterMs: number = 0;
  declare readonly isIsolatedCircuitError?: true;

  constructor(breaker: string, scope: 'local' | 'shared' | 'forced', cause: unknown) {
    super(`${breaker}: ${messages[scope === 'forced' ? 'BREAKER_ISOLATED' : 'BREAKER_OPEN']}`);
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

  constructor(code: 'ATTEMPT_TIMEOUT' | 'DEADLINE_EXCEEDED', afterMs: number) {
    super(`${messages[code]} (${Math.round(afterMs)} ms)`);
    this.code = code;
  }
}

export class BulkheadError extends BulkheadRejectedError {
  override readonly name: string = 'BulkheadError';
  readonly code: 'BULKHEAD_FULL' | 'BULKHEAD_TIMEOUT';
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
    this.message = `${messages[code]} (${limit} running, ${queue} waiting)`;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}
