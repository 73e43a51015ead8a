import { request } from 'node:http';
import type { Socket } from 'node:net';
import { buildConnector } from 'undici';
import { FetchError } from '../fetch-error.ts';
import type { Reach } from '../proxy/create-admission.ts';
import type { Credential } from '../proxy/egress-pass.ts';
import { type Egress, REFUSAL_HEADER } from '../proxy/open-egress.ts';

export interface ConnectThroughOptions {
  readonly connectTimeoutMs: number;
  readonly reach: Reach;
}

/** How undici reaches a server: a tunnel through the egress proxy, and TLS inside of it where asked for. */
export function connectThrough(
  egress: () => Promise<Egress>,
  options: ConnectThroughOptions,
): buildConnector.connector {
  const { connectTimeoutMs } = options;
  const startTls = buildConnector({ timeout: connectTimeoutMs, allowH2: false, rejectUnauthorized: true });

  return (target, callback) => {
    openTunnel(egress, target, options).then(
      (socket) => {
        if (target.protocol === 'https:') startTls({ ...target, httpSocket: socket }, callback);
        else callback(null, socket.setNoDelay(true));
      },
      (error: Error) => callback(error, null),
    );
  };
}

async function openTunnel(
  egress: () => Promise<Egress>,
  target: buildConnector.Options,
  { connectTimeoutMs: timeoutMs, reach }: ConnectThroughOptions,
): Promise<Socket> {
  const { port, credential: ofOwner, publicCredential } = await egress();
  const credential = reach === 'allowed' ? ofOwner : publicCredential;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const connecting = request({
    host: '127.0.0.1',
    port,
    method: 'CONNECT',
    path: authorityOf(target),
    agent: false,
    headers: { 'proxy-authorization': `Basic ${basic(credential)}` },
  });
  const timer = setTimeout(() => connecting.destroy(timedOut()), timeoutMs);
  connecting.once('close', () => clearTimeout(timer));
  connecting.once('connect', (response, socket, head) => {
    clearTimeout(timer);
    if (response.statusCode !== 200) {
      socket.destroy();
      reject(errorOf(response.headers[REFUSAL_HEADER]));
      return;
    }
    if (head.length > 0) socket.unshift(head);
    resolve(socket as Socket);
  });
  connecting.once('error', (error: NodeJS.ErrnoException) => {
    // The proxy hangs up when it could not connect to the server, for whatever reason.
    reject(error.code === 'ECONNRESET' ? Object.assign(error, { code: 'NO_CONNECTION' }) : error);
  });
  connecting.end();
  return promise;
}

function authorityOf({ protocol, hostname, port }: buildConnector.Options): string {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return `${host}:${port || (protocol === 'https:' ? 443 : 80)}`;
}

function basic({ username, password }: Credential): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function errorOf(refusal: string | string[] | undefined): Error {
  if (refusal === 'not-public' || refusal === 'port') return new FetchError('not-public');
  return Object.assign(new Error('the host has no address'), {
    code: refusal === 'not-found' ? 'ENOTFOUND' : 'EAI_AGAIN',
  });
}

function timedOut(): Error {
  return Object.assign(new Error('the connection took too long'), { code: 'UND_ERR_CONNECT_TIMEOUT' });
}
