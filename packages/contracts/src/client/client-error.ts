import { z } from 'zod';
import { readRetryAfter } from '../retry-after.ts';
import type { TransportResponse } from './transport.ts';

type Failure = Pick<ClientError, 'code' | 'detail'> &
  Partial<Pick<ClientError, 'status' | 'retryAfterMs' | 'requestId' | 'cause'>>;

/** A call that failed. Decide by `code`, `status` or `retryable`, never by the message. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /**
   * One of `CODES`; `HTTP_<status>` where no problem was sent; `NETWORK_ERROR` without a complete answer;
   * `UNEXPECTED_ANSWER` for an answer that its schema refuses.
   */
  readonly code: string;
  /** What the service says of the failure, with the fields of the request that are wrong. */
  readonly detail: string;
  /** Undefined without a usable answer. */
  readonly status: number | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;

  constructor(route: string, { code, detail, status, retryAfterMs, requestId, cause }: Failure) {
    super(`${route}: ${status ?? ''} ${code} ${detail}`, { cause });
    this.code = code;
    this.detail = detail;
    this.status = status;
    this.retryable = status === undefined || isRetryableStatus(status);
    this.retryAfterMs = retryAfterMs;
    this.requestId = requestId;
  }
}

/** Whether the same request may succeed later (RFC 9110, RFC 8470 and RFC 6585). */
export function isRetryableStatus(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** A problem as any server may send it: a newer service knows more codes. */
const AnyProblem = z.object({
  code: z.string().max(100).optional(),
  status: z.int().optional(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).default([]),
});
const MAX_DETAIL_CHARS = 200;

/** The error that an answer stands for. `text` is its body, or the data of an `error` event in a stream. */
export function toClientError(route: string, { status, headers }: TransportResponse, text: string) {
  const { errors, ...problem } = readProblem(text);
  const detail = problem.detail ?? text.slice(0, MAX_DETAIL_CHARS);
  const fields = errors.map(({ path, message }) => `${path}: ${message}`);
  // The detail of our services names the first ones itself.
  const unnamed = fields.filter((field) => !detail.includes(field)).map((field) => `; ${field}`);
  // The answer that carries a stream has status 200.
  const failed = status < 300 ? (problem.status ?? 500) : status;
  return new ClientError(route, {
    code: problem.code ?? `HTTP_${failed}`,
    detail: `${detail}${unnamed.join('')}`,
    status: failed,
    retryAfterMs: readRetryAfter(headers.get('retry-after')),
    requestId: headers.get('x-request-id') ?? undefined,
  });
}

function readProblem(text: string): z.infer<typeof AnyProblem> {
  try {
    return AnyProblem.parse(JSON.parse(text));
  } catch {
    return { errors: [] };
  }
}
