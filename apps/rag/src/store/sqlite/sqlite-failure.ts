import { StoreError, type StoreErrorCode } from '../store-error.ts';

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const BY_PRIMARY: Readonly<Record<number, StoreErrorCode>> = {
  5: 'INDEX_BUSY',
  6: 'INDEX_BUSY',
  11: 'INDEX_DAMAGED',
  13: 'STORAGE_FULL',
  26: 'INDEX_DAMAGED',
};

/** Extended codes that say more: no room for the shared-memory file beside the log is no room either. */
const BY_EXTENDED: Readonly<Record<number, StoreErrorCode>> = { 4874: 'STORAGE_FULL', 5386: 'STORAGE_FULL' };

/** Maps an error of `node:sqlite` to the store's own error. */
export function fromSqlite(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = resultCode(error);
  const known = code === undefined ? undefined : (BY_EXTENDED[code] ?? BY_PRIMARY[code & 0xff]);
  return new StoreError(known ?? 'STORE_FAILED', { cause: error });
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}
