import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { FetchError } from '../fetch-error.ts';
import { isAddress, isPublicAddress } from './public-address.ts';

/**
 * Resolves a host once and gives every address of the answer; one address that is not public refuses the host.
 * @throws FetchError `not-public`; the resolver's error
 */
export async function resolvePublic(hostname: string, lookup: LookupFunction): Promise<LookupAddress[]> {
  const addresses = await resolveAny(hostname, lookup);
  if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address))) {
    throw new FetchError('not-public');
  }
  return addresses;
}

/** As `resolvePublic`, for a host that was allowed by name. */
export function resolveAny(hostname: string, lookup: LookupFunction): Promise<LookupAddress[]> {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isAddress(bare)) return Promise.resolve([{ address: bare, family: bare.includes(':') ? 6 : 4 }]);
  const { promise, resolve, reject } = Promise.withResolvers<LookupAddress[]>();
  lookup(bare, { all: true }, (error, answer) => {
    if (error === null) resolve(Array.isArray(answer) ? answer : []);
    else reject(error);
  });
  return promise;
}

/** A lookup with one fixed answer, so that exactly the checked addresses are dialled. */
export function pinTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true || first === undefined) callback(null, [...addresses]);
    else callback(null, first.address, first.family);
  };
}
