import { defineErrors } from '@xnai/contracts/errors';

/** Why a store did not do what was asked; the message is a sentence for people, without a full stop. */
export class ObjectStoreError extends defineErrors('ObjectStoreError', {
  UNREACHABLE: { title: 'the store cannot be reached', retryable: true },
  BUSY: { title: 'the store asks to come back later', retryable: true },
  FAILED: { title: 'the store failed', retryable: true },
  NO_BUCKET: { title: 'there is no such bucket', retryable: false },
  NO_OBJECT: { title: 'there is no such object', retryable: false },
  DENIED: { title: 'the store refuses the login', retryable: false },
  CLOCK: { title: 'the clocks of this machine and of the store differ', retryable: true },
  REGION: { title: 'the bucket is in another region', retryable: false },
  CHANGED: { title: 'the object was replaced', retryable: true },
  NO_RANGE: { title: 'the object has no such range', retryable: true },
  ODD: { title: 'the answer is none of an object store', retryable: true },
  REFUSED: { title: 'the store refuses the request', retryable: false },
}) {}
