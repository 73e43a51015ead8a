import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import type { buildConnector, Dispatcher } from 'undici';
import type { FetchLimits } from './fetch-limits.ts';

export interface LenientRequest {
  readonly connect: buildConnector.connector;
  readonly headers: Readonly<Record<string, string>>;
  readonly limits: Pick<FetchLimits, 'maxHeaderBytes' | 'bodyIdleTimeoutMs'>;
  readonly signal: AbortSignal;
}

/**
 * A GET whose answer is read as browsers read it: with lines of the head that end in LF alone, and with folded headers,
 * which undici's parser refuses. Its connection serves nothing else, so that a response that is misread spoils no other.
 */
export async function requestLeniently(
  target: URL,
  { connect, headers, limits, signal }: LenientRequest,
): Promise<Dispatcher.ResponseData> {
  const socket = await connectTo(target, connect);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const asking = request({
    // Without an agent, of whatever kind: that would connect by itself, past the proxy.
    createConnection: () => socket,
    insecureHTTPParser: true,
    host: target.hostname,
    path: `${target.pathname}${target.search}`,
    headers: { ...headers, host: target.host, connection: 'close' },
    maxHeaderSize: limits.maxHeaderBytes,
    signal,
  });
  asking.setTimeout(limits.bodyIdleTimeoutMs, () => {
    asking.destroy(Object.assign(new Error('the server fell silent'), { code: 'ETIMEDOUT' }));
  });
  asking.once('response', resolve).on('error', reject);
  // The only word of an answer that changes the protocol (101). After a response it comes too late to matter.
  asking.once('close', () => reject(new Error('the server gave no response')));
  asking.end();
  const message = await promise;
  const body = Object.assign(message, { dump: async () => void message.destroy() });
  const { statusCode = 0, headers: answered } = message;
  return { statusCode, headers: answered, body } as unknown as Dispatcher.ResponseData;
}

function connectTo(
  { hostname, host, protocol, port }: URL,
  connect: buildConnector.connector,
): Promise<Socket> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    connect({ hostname: bare, host, protocol, port }, (error, socket) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}
