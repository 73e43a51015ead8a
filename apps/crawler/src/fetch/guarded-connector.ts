import { lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { FetchError } from './fetch-error.ts';
import { isAddress, isPublicAddress } from './public-address.ts';

export interface GuardOptions {
  readonly allowedOrigins: ReadonlySet<string>;
  readonly connectTimeoutMs: number;
  /** How names are resolved; Node's own by default. */
  readonly lookup?: LookupFunction;
}

/**
 * Connects to public addresses only. A name is resolved once, every address of the answer is checked, and the
 * checked addresses are those connected to: a name that changes its mind in between gains nothing.
 * An allowed origin is the only way around, and it holds for exactly that scheme, host and port.
 */
export function createGuardedConnector(options: GuardOptions): buildConnector.connector {
  const lookup = options.lookup ?? (systemLookup as LookupFunction);
  const shared = { timeout: options.connectTimeoutMs, allowH2: false, rejectUnauthorized: true };
  const connectAnywhere = buildConnector({ ...shared, lookup });
  const connectPublic = buildConnector({ ...shared, lookup: createPublicLookup(lookup) });

  return (target, callback) => {
    if (options.allowedOrigins.has(originOf(target))) return connectAnywhere(target, callback);
    if (isAddress(target.hostname) && !isPublicAddress(target.hostname)) {
      return callback(new FetchError('not-public'), null);
    }
    return connectPublic(target, (error, socket) => {
      if (error !== null) return callback(error, null);
      if (isPublicAddress(socket.remoteAddress ?? '')) return callback(null, socket);
      socket.destroy();
      callback(new FetchError('not-public'), null);
    });
  };
}

/** Resolves a name to addresses that were checked; one bad address refuses the name. */
export function createPublicLookup(lookup: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, answer) => {
      if (error !== null) return callback(error, []);
      const addresses = Array.isArray(answer) ? answer : [];
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(new FetchError('not-public'), []);
      }
      if (options.all === true) return callback(null, addresses);
      callback(null, first.address, first.family);
    });
  };
}

function originOf({ protocol, hostname, port }: buildConnector.Options): string {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
  return URL.parse(`${protocol}//${host}${port ? `:${port}` : ''}`)?.origin ?? '';
}
