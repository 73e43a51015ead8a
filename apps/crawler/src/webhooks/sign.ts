import { createHmac } from 'node:crypto';

export interface SignedMessage {
  /** The same in each attempt, so that a receiver can tell a repetition. */
  readonly id: string;
  readonly body: string;
  readonly atMs: number;
}

/** The headers of https://www.standardwebhooks.com: HMAC-SHA256 of id, time and body, once with each secret. */
export function signedHeaders(
  { id, body, atMs }: SignedMessage,
  secrets: readonly Buffer[],
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  };
}
