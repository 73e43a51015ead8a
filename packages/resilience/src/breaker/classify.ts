import { isBrokenCircuitError, isBulkheadRejectedError } from 'cockatiel';
import type { Verdict } from '../options/breaker-options.ts';

/**
 * The default verdict on an error. The caller's own abort or deadline, a request
 * that was wrong (4xx, validation), and a call that was never made say nothing.
 */
export const verdictOf = (error: unknown, callerGone: boolean): Verdict => {
  if (callerGone) return 'ignored';
  if (typeof error !== 'object' || error === null) return 'failure';
  if (isBrokenCircuitError(error) || isBulkheadRejectedError(error)) return 'ignored';
  const { name, code } = error as { name?: unknown; code?: unknown };
  if (typeof name === 'string' && silentNames.has(name)) return 'ignored';
  if (typeof code === 'string' && silentCodes.has(code)) return 'ignored';
  const status = statusOf(error);
  return status !== undefined && status >= 400 && status < 500 ? 'ignored' : 'failure';
};

/** The HTTP status that an error carries, under the names that clients use. */
export const statusOf = (error: unknown): number | undefined => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  if (typeof status === 'number') return status;
  return typeof statusCode === 'number' ? statusCode : undefined;
};

const silentNames = new Set(['AbortError', 'ZodError', '$ZodError', 'ValidationError']);
const silentCodes = new Set(['ABORT_ERR', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED']);
