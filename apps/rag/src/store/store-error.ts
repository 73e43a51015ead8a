import { CODES, defineErrors } from '@xnai/contracts/errors';

/** A client is told of an internal error; the cause is for the log. */
function internal(title: string) {
  return { ...CODES.INTERNAL, title };
}

/** Codes that stop the service at its start, with a message that says what the operator can do. */
const FOR_OPERATOR: ReadonlySet<string> = new Set([
  'INDEX_DAMAGED',
  'INDEX_NEWER',
  'INDEX_FOREIGN',
  'INDEX_MISSING',
  'INDEX_OLDER',
  'STORE_DENIED',
  'STORE_READ_ONLY',
  'STORE_UNFIT',
  'STORE_UNREACHABLE',
]);

/** Every error that a store throws of itself. */
export class StoreError extends defineErrors('StoreError', {
  COLLECTION_NOT_FOUND: {
    ...CODES.COLLECTION_NOT_FOUND,
    title: 'There is no such collection (yet): its first document makes it',
  },
  STORAGE_FULL: CODES.STORAGE_FULL,
  INDEX_BUSY: internal('Another process is writing to the index'),
  INDEX_DAMAGED: internal('The index file is damaged'),
  INDEX_NEWER: internal('The index was written by a newer version'),
  INDEX_OLDER: internal('The index was written by an older version'),
  INDEX_MISSING: internal('There is no index'),
  INDEX_FOREIGN: internal('The file is not an index of this service'),
  STORE_DENIED: internal('The database refuses the service'),
  STORE_READ_ONLY: internal('The database only reads'),
  STORE_UNFIT: internal('The database server lacks what the store needs'),
  STORE_UNREACHABLE: CODES.STORE_UNREACHABLE,
  OVERLOADED: { ...CODES.OVERLOADED, title: 'Too many requests wait for the database' },
  VECTOR_UNFIT: internal('The vector is none of its set'),
  LEAD_LOST: internal('Another replica does this work by now'),
  STORE_CLOSED: internal('The store is closed'),
  STORE_FAILED: internal('The store could not do its work'),
}) {
  /** True where the program works as intended and an operator must act; read by the start of the service. */
  readonly forOperator = FOR_OPERATOR.has(this.code);
}

export type StoreErrorCode = keyof typeof StoreError.table;
