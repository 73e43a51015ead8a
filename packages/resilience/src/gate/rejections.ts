import { BreakerOpenError, rejection } from '../errors.ts';
import type { Scope } from './change.ts';

/** Makes the rejections of one breaker: one error per opening, and of it one per call. */
export class Rejections {
  /** Of the call that failed last. */
  lastError: unknown;
  #template: BreakerOpenError | undefined;
  readonly #breaker: string;

  constructor(breaker: string) {
    this.#breaker = breaker;
  }

  next(retryAfterMs: number, scope: Scope, cause: string | undefined): BreakerOpenError {
    this.#template ??= new BreakerOpenError(this.#breaker, scope, this.lastError ?? cause);
    return rejection(this.#template, retryAfterMs);
  }

  /** The circuit has changed: the next opening has a cause of its own. */
  forget(): void {
    this.#template = undefined;
  }
}
