import { type ErrorCode, errorTable } from './errors.ts';

/** An error of this package as an HTTP answer (RFC 9457). Nothing of its cause is told. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly type: 'about:blank';
    readonly title: string;
    readonly status: number;
    readonly code: ErrorCode;
    readonly detail: string;
  };
}

/** Undefined for errors that are not of this package. `Retry-After` is what remains, rounded up to seconds. */
export const problemOf = (error: unknown): Problem | undefined => {
  const { code, message, retryAfterMs } = (error ?? {}) as Partial<Record<string, unknown>>;
  if (!(error instanceof Error) || typeof code !== 'string' || !Object.hasOwn(errorTable, code))
    return undefined;
  const { status, message: title } = errorTable[code as ErrorCode];
  const headers: Record<string, string> =
    status === 503
      ? { 'retry-after': String(Math.max(1, Math.ceil(Number(retryAfterMs ?? 1_000) / 1_000))) }
      : {};
  return {
    status,
    headers,
    body: { type: 'about:blank', title, status, code: code as ErrorCode, detail: String(message) },
  };
};
