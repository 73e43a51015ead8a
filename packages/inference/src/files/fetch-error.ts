import { defineErrors, type TableErrorOptions } from '@xnai/contracts/errors';

const TABLE = {
  UNREACHABLE: { title: 'the model hub cannot be reached', retryable: true },
  RATE_LIMITED: { title: 'the model hub asks to come back later', retryable: true },
  HUB_FAILED: { title: 'the model hub failed', retryable: true },
  INTERRUPTED: { title: 'the transfer was interrupted repeatedly', retryable: true },
  BUSY: { title: 'another process is fetching this file', retryable: true },
  RANGE_REFUSED: { title: 'the model hub does not send the rest of the file', retryable: true },
  DISK_FULL: { title: 'there is not enough disk space', retryable: true },
  NOT_WRITABLE: { title: 'the model directory cannot be written', retryable: true },
  NOT_FOUND: { title: 'the model hub has no such file', retryable: false },
  NO_ACCESS: { title: 'the model hub does not give this file to everyone', retryable: false },
  HASH_MISMATCH: { title: 'the file does not have the hash that the hub states', retryable: false },
  BAD_ANSWER: { title: 'the model hub answered in an unexpected form', retryable: true },
};

export type ModelFetchErrorCode = keyof typeof TABLE;

/** Why a model file could not be fetched. The message is the title of the code, followed by the detail. */
export class ModelFetchError extends defineErrors('ModelFetchError', TABLE) {
  constructor(code: ModelFetchErrorCode, { detail, ...options }: TableErrorOptions = {}) {
    const { title } = TABLE[code];
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
