import { Agent, type IncomingMessage, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Transport, TransportResponse } from './transport.ts';

/**
 * A transport over at most `connections` connections that stay open. It uses Node's own client: undici compiles a
 * parser of its own, which takes 20 MB of a process that must stay small.
 */
export function openNodeTransport(baseUrl: string, connections: number): Transport & Disposable {
  const isSecure = new URL(baseUrl).protocol === 'https:';
  const agent = new (isSecure ? SecureAgent : Agent)({ keepAlive: true, maxSockets: connections });
  const send = isSecure ? secureRequest : request;
  const transport: Transport = (url, { method, body, signal, ...given }) => {
    // Node sends the body of a DELETE without its length, and a server takes it for the next request.
    const headers =
      body === null ? given.headers : { ...given.headers, 'content-length': Buffer.byteLength(body) };
    const options = { method, headers, agent, signal: signal ?? undefined };
    return new Promise((resolve, reject) => {
      send(url, options, (incoming) => resolve(toResponse(incoming)))
        .on('error', reject)
        .end(body ?? undefined);
    });
  };
  return Object.assign(transport, { [Symbol.dispose]: () => agent.destroy() });
}

function toResponse(incoming: IncomingMessage): TransportResponse {
  return {
    status: incoming.statusCode ?? 0,
    headers: { get: (name) => incoming.headers[name]?.toString() ?? null },
    body: incoming,
    text: () => text(incoming),
  };
}
