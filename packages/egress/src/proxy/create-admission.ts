import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { withTimeLimit } from '@xnai/resilience';
import { resolveAny, resolvePublic } from '../address/resolve-public.ts';
import { toOriginSet } from '../address/target-url.ts';
import { FetchError } from '../fetch-error.ts';
import type { EgressRefusal } from './egress-tally.ts';

export interface AdmissionOptions {
  /** Origins that may be private or on another port: host and port, exactly. */
  readonly allowedOrigins?: readonly string[];
  readonly lookup?: LookupFunction | undefined;
}

export interface Target {
  readonly hostname: string;
  readonly port: number;
}

/** What may be reached: public addresses alone, or the allowed origins too. */
export type Reach = 'public' | 'allowed';

export type Admission =
  | { readonly kind: 'go'; readonly addresses: readonly LookupAddress[] }
  | { readonly kind: 'refuse'; readonly reason: EgressRefusal };

/** Decides whether a connection may be made, and to which addresses. `timeoutMs` is the limit of a name's resolution. */
export function createAdmission(
  options: AdmissionOptions,
  timeoutMs: number,
): (target: Target, reach: Reach) => Promise<Admission> {
  const lookup = options.lookup ?? (systemLookup as LookupFunction);
  const allowed = new Set([...toOriginSet(options.allowedOrigins ?? [])].map(hostAndPort));

  return async function admit({ hostname, port }, reach) {
    // The URL parser's spelling of a host: 0x7f.1 and 2130706433 are 127.0.0.1.
    const url = URL.parse(`http://${hostname}:${port}/`);
    if (url === null) return { kind: 'refuse', reason: 'not-public' };
    const isAllowed = reach === 'allowed' && allowed.has(`${url.hostname}:${port}`);
    if (!isAllowed && port !== 80 && port !== 443) return { kind: 'refuse', reason: 'port' };
    const resolve = isAllowed ? resolveAny : resolvePublic;
    try {
      return {
        kind: 'go',
        addresses: await withTimeLimit(() => resolve(url.hostname, lookup), { timeoutMs }),
      };
    } catch (error) {
      return { kind: 'refuse', reason: reasonOf(error) };
    }
  };
}

function reasonOf(error: unknown): EgressRefusal {
  if (error instanceof FetchError) return 'not-public';
  return (error as NodeJS.ErrnoException).code === 'ENOTFOUND' ? 'not-found' : 'not-resolved';
}

function hostAndPort(origin: string): string {
  const { hostname, port, protocol } = new URL(origin);
  return `${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`;
}
