import { defineErrors } from '@xnai/contracts/errors';

/** Why the documents of one store cannot be moved to another; the message says what the operator can do. */
export class MoveError extends defineErrors('MoveError', {
  NO_STORE: { title: 'This names no store', retryable: false },
  NO_PASSWORD: { title: 'The password cannot be read', retryable: false },
  SAME_STORE: { title: 'Both are the same store', retryable: false },
  TARGET_DIFFERS: { title: 'The target holds something else', retryable: false },
  STOPPED: { title: 'The move was stopped', retryable: true },
}) {
  readonly forOperator = true;
}
