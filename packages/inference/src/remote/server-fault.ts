import type { TransportResponse } from '@xnai/contracts/client';
import { readRetryAfter } from '@xnai/contracts/retry-after';

/**
 * `failed`: the server's fault, which counts against it, and another server is asked. `busy`: it has no room now, and is
 * left alone for a while. `refused`: the fault of this request, which another server would refuse too.
 */
export type FaultKind = 'failed' | 'busy' | 'refused';

/** What is wrong with the answer of a server. The message continues a sentence that begins with the server's name. */
export class ServerFault extends Error {
  override readonly name = 'ServerFault';
  readonly kind: FaultKind;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** What the server said of it: others wrote it, and it is read by our own rules and logs only. */
  readonly said: string;
  /** The connection ended before an answer began. */
  readonly isCut: boolean;

  constructor(kind: FaultKind, message: string, more: FaultFacts = {}) {
    super(message, { cause: more.cause });
    this.kind = kind;
    this.status = more.status;
    this.retryAfterMs = more.retryAfterMs;
    this.said = more.said ?? '';
    this.isCut = more.isCut ?? false;
  }
}

interface FaultFacts {
  readonly status?: number;
  readonly retryAfterMs?: number | undefined;
  readonly said?: string;
  readonly isCut?: boolean;
  readonly cause?: unknown;
}

/** What an answer that is no success means. */
export function refusalOf({ status, headers }: TransportResponse, text: string): ServerFault {
  const retryAfterMs = readRetryAfter(headers.get('retry-after'));
  const said = text.slice(0, 500).replace(/[^\x20-\x7e]+/g, ' ');
  const more = { status, retryAfterMs, said };
  if (status >= 300 && status < 400)
    return new ServerFault('failed', `redirects (${status}), which is not followed`, more);
  if (status === 401 || status === 403)
    return new ServerFault('failed', `does not take the key (${status})`, more);
  if (status === 404 || status === 405)
    return new ServerFault('failed', `has no such route or model (${status})`, more);
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return new ServerFault('busy', `is busy (${status})`, more);
  // llama-server answers 500 to a text that does not fit.
  if (TOO_LONG.test(said))
    return new ServerFault('refused', `takes no text of this length (${status})`, more);
  const isOurs = status === 400 || status === 413 || status === 422;
  return new ServerFault(
    isOurs ? 'refused' : 'failed',
    isOurs ? `refuses the request (${status})` : `answered ${status}`,
    more,
  );
}

const TOO_LONG =
  /too[ _](?:large|long|many tokens)|does not fit|context (?:length|size|window)|exceeds? the (?:model|maximum|context|limit)/i;

export function isTooLong({ status, said }: ServerFault): boolean {
  return status === 413 || TOO_LONG.test(said);
}

/** Whatever went wrong on the way, as a fault of the server. */
export function brokenBy(error: unknown): ServerFault {
  if (error instanceof ServerFault) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code ?? message;
  const isCut = CUT.test(reason);
  return new ServerFault('failed', describeBreak(reason, isCut), { isCut, cause: error });
}

function describeBreak(reason: string, isCut: boolean): string {
  if (CERTIFICATE.test(reason))
    return `cannot be trusted (${reason}): NODE_EXTRA_CA_CERTS names the file of an authority of your own`;
  if (TLS.test(reason)) return `speaks no TLS (${reason}): does its URL begin with http:?`;
  return `${isCut ? 'broke off' : 'cannot be reached'} (${reason})`;
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/;
const TLS = /SSL|TLS|EPROTO/;
const CUT = /ECONNRESET|EPIPE|aborted/;
