import { defineErrors } from '@xnai/contracts/errors';

/** Why a backup could not be made, read or restored; the message says what the operator can do. */
export class BackupError extends defineErrors('BackupError', {
  RUNNING: { title: 'Another backup or restore is running', retryable: true },
  TARGET: { title: 'The target cannot be used', retryable: true },
  NOTHING: { title: 'There is nothing to back up', retryable: false },
  NOT_FOUND: { title: 'There is no such backup', retryable: false },
  TORN: { title: 'The backup is not whole', retryable: false },
  NEWER: { title: 'The backup was made by a newer version', retryable: false },
  FOREIGN: { title: 'The backup is of another stack', retryable: false },
  ENCRYPTED: { title: 'The backup is encrypted', retryable: false },
  IN_USE: { title: 'The stack is running', retryable: true },
}) {
  readonly forOperator = true;
}
