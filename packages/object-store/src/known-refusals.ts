import type { ObjectStoreError } from './object-store-error.ts';

/** What a request was about. */
export interface Asked {
  readonly host: string;
  readonly bucket: string;
  /** Empty when the bucket itself was asked about. */
  readonly key: string;
}

export interface Refusal extends Asked {
  readonly status: number;
  readonly code: string | undefined;
  /** Status and code, for those who look them up. */
  readonly answer: string;
  /** What the store says of it. */
  readonly message: string;
}

interface Known {
  readonly code: ObjectStoreError['code'];
  readonly say: (refusal: Refusal) => string;
}

const noObject: Known = {
  code: 'NO_OBJECT',
  say: ({ host, bucket, key, answer }) => `the bucket ${bucket} of ${host} has no ${key} (${answer})`,
};
const denied: Known = {
  code: 'DENIED',
  say: (refusal) =>
    `${refusal.host} denies access to ${placeOf(refusal)}: the login lacks the right to it, or it is not there (${refusal.answer}${said(refusal)})`,
};
const expired: Known = {
  code: 'DENIED',
  say: ({ host, answer }) => `the login at ${host} is no longer valid (${answer})`,
};
const busy: Known = {
  code: 'BUSY',
  say: ({ host, answer }) => `${host} has no room for the request now (${answer})`,
};

const changed: Known = {
  code: 'CHANGED',
  say: ({ bucket, key, answer }) => `${bucket}/${key} is no longer what it was (${answer})`,
};

const shorter: Known = {
  code: 'NO_RANGE',
  say: ({ bucket, key, answer }) => `${bucket}/${key} is shorter than that (${answer})`,
};

/** By the code of the store; by the status where a store gives no code. */
export const KNOWN_REFUSALS: Readonly<Record<string, Known>> = {
  InvalidAccessKeyId: {
    code: 'DENIED',
    say: ({ host, answer }) => `${host} does not know the access key (${answer})`,
  },
  SignatureDoesNotMatch: {
    code: 'DENIED',
    say: ({ host, answer }) =>
      `the secret key does not belong to the access key, or the region is not that of ${host} (${answer})`,
  },
  ExpiredToken: expired,
  InvalidToken: expired,
  AccessDenied: denied,
  NoSuchBucket: {
    code: 'NO_BUCKET',
    say: ({ host, bucket, answer }) => `${host} has no bucket ${bucket} (${answer})`,
  },
  NoSuchKey: noObject,
  InvalidObjectState: {
    code: 'REFUSED',
    say: ({ bucket, key, answer }) =>
      `${bucket}/${key} is archived and must be restored in the store first (${answer})`,
  },
  PreconditionFailed: changed,
  '412': changed,
  InvalidRange: shorter,
  '416': shorter,
  SlowDown: busy,
  ServiceUnavailable: busy,
  RequestLimitExceeded: busy,
  '429': busy,
  '503': busy,
};

/** What the store says beside its code. */
export function said({ message }: Refusal): string {
  return message === '' ? '' : `: ${message}`;
}

function placeOf({ bucket, key }: Asked): string {
  return key === '' ? bucket : `${bucket}/${key}`;
}
