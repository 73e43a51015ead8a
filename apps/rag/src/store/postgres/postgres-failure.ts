import { StoreError, type StoreErrorCode } from '../store-error.ts';

interface Known {
  readonly code: StoreErrorCode;
  readonly detail?: string;
}

/** By SQLSTATE, https://www.postgresql.org/docs/17/errcodes-appendix.html, or the first two characters of it. */
const BY_STATE: Readonly<Record<string, Known>> = {
  '28': {
    code: 'STORE_DENIED',
    detail:
      'PostgreSQL refuses this user or password: check the URL of the store and the file of its password',
  },
  '42501': {
    code: 'STORE_DENIED',
    detail:
      'The user in the URL of the store may not do this: GRANT ALL ON DATABASE … TO … as the owner of the database',
  },
  '3D': { code: 'STORE_DENIED', detail: 'There is no database of this name: createdb NAME on the server' },
  // Also of a server that was the primary when rag started: clients are to come again.
  '25006': {
    code: 'STORE_UNREACHABLE',
    detail:
      'The server of the store only reads: it is a standby, or its database is read-only. Name the primary',
  },
  '53100': { code: 'STORAGE_FULL', detail: 'The disk of the database server is full' },
  '53': { code: 'STORE_UNREACHABLE', detail: 'PostgreSQL has no connection or no memory left' },
  '08': { code: 'STORE_UNREACHABLE' },
  '57P': { code: 'STORE_UNREACHABLE' },
  '57014': { code: 'STORE_FAILED', detail: 'The statement took longer than its time' },
};

/** Maps an error of the driver to the store's own error. */
export function fromPostgres(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  // The driver itself misses the password that the server asks for.
  const state = error instanceof Error && error.message.startsWith('SASL') ? '28P01' : stateOf(error);
  const known = [state, state.slice(0, 3), state.slice(0, 2)].map((key) => BY_STATE[key]).find(Boolean);
  if (known !== undefined) {
    const message = error instanceof Error ? error.message : '';
    return new StoreError(known.code, { detail: known.detail ?? `PostgreSQL: ${message}`, cause: error });
  }
  return isCut(error) || isSilent(error)
    ? new StoreError('STORE_UNREACHABLE', {
        detail: `PostgreSQL cannot be reached: ${describe(error)}`,
        cause: error,
      })
    : new StoreError('STORE_FAILED', { cause: error });
}

/** The connection is gone, and with it what was not committed. */
export function isCut(error: unknown): boolean {
  const state = stateOf(error);
  if (state.startsWith('08') || state.startsWith('57P')) return true;
  if (!(error instanceof Error)) return false;
  return SYSTEM_CODES.has(codeOf(error)) || CUT_MESSAGE.test(error.message);
}

/** The server, or the network before it, says nothing more. To ask again would wait as long again. */
export function isSilent(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/**
 * Of two transactions that cannot both go on, the server ends one. A table of vectors (42P01), an index or a function of an
 * extension (42704, 42883) may be dropped after a transaction has read its name.
 */
export function isConflict(error: unknown): boolean {
  return ['40P01', '40001', '42P01', '42704', '42883'].includes(stateOf(error));
}

export function stateOf(error: unknown): string {
  const code = error instanceof Error ? codeOf(error) : '';
  return /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

const SYSTEM_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'ENOENT',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** The driver has no code for these. */
const CUT_MESSAGE =
  /^Connection terminated|^Client has encountered a connection error|timeout exceeded when trying to connect/;

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((one: Error) => one.message).join(', ');
  return error instanceof Error ? error.message : String(error);
}
