import { FetchError } from './fetch-error.ts';

/** What the disk said, as a {@link FetchError}. */
export function toFetchError(cause: NodeJS.ErrnoException): FetchError {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') return new FetchError('DISK_FULL', { cause });
  return new FetchError('NOT_WRITABLE', { detail: cause.code ?? cause.message, cause });
}
