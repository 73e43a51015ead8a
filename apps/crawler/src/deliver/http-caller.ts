import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

export interface HttpCall {
  readonly method: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpCaller extends Disposable {
  /** @throws the signal's reason, or a system error */
  call(url: string, call: HttpCall): Promise<HttpAnswer>;
}

/**
 * HTTP over a few connections that stay open. Node's own client: undici compiles a parser of its own, which
 * takes 20 MB of a process that is to stay small.
 */
export function openHttpCaller(baseUrl: string, connections: number): HttpCaller {
  const isSecure = new URL(baseUrl).protocol === 'https:';
  const agent = new (isSecure ? SecureAgent : Agent)({ keepAlive: true, maxSockets: connections });
  const send = isSecure ? secureRequest : request;
  return {
    call(url, { body, signal, ...options }) {
      const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
      const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
      const outgoing = send(url, { ...options, agent, signal }, (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (part: string) => {
          text += part;
        });
        incoming.once('end', () =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
        );
        incoming.once('error', fail);
      });
      outgoing.once('error', fail);
      outgoing.end(body);
      return promise;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
