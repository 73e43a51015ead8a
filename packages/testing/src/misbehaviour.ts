import type { ServerResponse } from 'node:http';

/** What a server may do wrong when it sends a file. */
export type Misbehaviour =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** Sends that many bytes and drops the connection. */
  | { readonly kind: 'break-after'; readonly bytes: number }
  | { readonly kind: 'other-bytes' }
  | { readonly kind: 'ignore-range' }
  /** One byte at a time, without end. */
  | { readonly kind: 'trickle' };

/** Time for the client to take what was sent: what it has not read when a connection breaks is lost to it. */
export const BREAK_MS = 100;

/** With the headers of the answer, whose content is left out. */
export function trickle(response: ServerResponse): void {
  const write = response.write.bind(response);
  response.write = (() => true) as typeof write;
  response.end = (() => response) as typeof response.end;
  const timer = setInterval(() => write('G'), 5);
  response.once('close', () => clearInterval(timer));
}
