import { StoreError, type StoreErrorCode } from '../store-error.ts';

/** What a store thread says: once that it is open or could not be opened, then one answer for each request. */
export type Reply =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** A `StoreError` as it travels between threads, which would strip its class. */
export interface Failure {
  readonly code: StoreErrorCode;
  readonly detail: string;
  readonly cause: string;
}

export function toFailure(error: StoreError): Failure {
  const { cause } = error;
  return {
    code: error.code,
    detail: error.message,
    cause: cause instanceof Error ? cause.message : String(cause),
  };
}

export function fromFailure({ code, detail, cause }: Failure): StoreError {
  const known = StoreError.has(code) ? code : 'STORE_FAILED';
  return new StoreError(known, { detail, cause: new Error(cause) });
}

/** Where and how a thread opens the index. */
export interface ThreadData {
  readonly path: string;
  readonly maxBytes?: number | undefined;
}
