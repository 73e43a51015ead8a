import { defineErrors, type TableErrorOptions } from '@xnai/contracts/errors';

const TABLE = {
  UNREACHABLE: { title: 'the source cannot be reached', retryable: true },
  RATE_LIMITED: { title: 'the source asks to come back later', retryable: true },
  SOURCE_FAILED: { title: 'the source failed', retryable: true },
  INTERRUPTED: { title: 'the transfer was interrupted repeatedly', retryable: true },
  BUSY: { title: 'another process is fetching this file', retryable: true },
  RANGE_REFUSED: { title: 'the source does not send the rest of the file', retryable: true },
  CHANGED: { title: 'the file was replaced at the source while it was fetched', retryable: true },
  CLOCK: { title: 'the source refuses the time of the request', retryable: true },
  DISK_FULL: { title: 'there is not enough disk space', retryable: true },
  NOT_WRITABLE: { title: 'the model directory cannot be written', retryable: true },
  NOT_CONFIGURED: { title: 'the source is not known', retryable: false },
  NOT_FOUND: { title: 'the source has no such file', retryable: false },
  NO_ACCESS: { title: 'the source does not give this file', retryable: false },
  HASH_MISMATCH: { title: 'the file does not have the stated hash', retryable: false },
  BAD_ANSWER: { title: 'the source answered in an unexpected form', retryable: true },
};

export type ModelFetchErrorCode = keyof typeof TABLE;

export interface FetchErrorOptions extends TableErrorOptions {
  /** Named in the place of "the source". */
  readonly source?: 'model hub' | 'object store';
}

/** Why a model file could not be fetched. The message is the title of the code, followed by the detail. */
export class ModelFetchError extends defineErrors('ModelFetchError', TABLE) {
  constructor(
    code: ModelFetchErrorCode,
    { detail, source = 'model hub', ...options }: FetchErrorOptions = {},
  ) {
    const title = TABLE[code].title.replace('the source', `the ${source}`);
    super(code, { ...options, detail: detail === undefined ? title : `${title}: ${detail}` });
  }
}

export function isUnreachable(error: Error): boolean {
  return error instanceof ModelFetchError && error.code === 'UNREACHABLE';
}

/** An error of the file system as a {@link ModelFetchError}. */
export function fromDiskError(cause: NodeJS.ErrnoException): ModelFetchError {
  if (cause.code === 'ENOSPC' || cause.code === 'EDQUOT') return new ModelFetchError('DISK_FULL', { cause });
  return new ModelFetchError('NOT_WRITABLE', { detail: cause.code ?? cause.message, cause });
}
