import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { lookup } from 'node:dns';
import { Agent } from 'node:http';
import { RequestError, Server } from 'proxy-chain';
import { pinTo } from '../address/resolve-public.ts';
import { type AdmissionOptions, createAdmission, type Reach, type Target } from './create-admission.ts';
import {
  type Credential,
  type EgressPass,
  PassBook,
  type PassOptions,
  type PassRecord,
} from './egress-pass.ts';
import { type EgressCounts, type EgressRefusal, EgressTally } from './egress-tally.ts';
import { type ConnectionCaps, type WatchedConnections, watchConnections } from './watch-connections.ts';

export interface EgressOptions extends AdmissionOptions {
  readonly caps?: Partial<EgressCaps> | undefined;
  /** Called for each refused connection; never with the addresses that its name resolved to. */
  readonly onRefusal?: ((refused: RefusedTarget) => void) | undefined;
}

export interface RefusedTarget extends Target {
  /** The fetcher itself, or the holder of a pass: a page in a browser. */
  readonly by: 'fetch' | 'pass';
  readonly reason: EgressRefusal;
}

export interface EgressCaps extends ConnectionCaps {
  /** A resolver that takes longer has no answer. */
  readonly resolveMs: number;
}

/** The only way out: an HTTP proxy on loopback that requires a credential. */
export interface Egress extends AsyncDisposable {
  readonly port: number;
  /** Made anew for every egress; the proxy refuses clients without it. Reaches the allowed origins too. */
  readonly credential: Credential;
  /** For requests that are made on behalf of a public page: reaches public addresses alone. */
  readonly publicCredential: Credential;
  issuePass(options: PassOptions): EgressPass;
  counts(): EgressCounts;
  close(): Promise<void>;
}

/** The header of a refusal that says why; only the proxy's own answers to CONNECT are believed. */
export const REFUSAL_HEADER = 'x-egress-refusal';

const DEFAULT_CAPS: EgressCaps = {
  maxBytes: 256 * 1024 ** 2,
  maxAgeMs: 600_000,
  idleMs: 60_000,
  resolveMs: 10_000,
};
const OWNER = 'fetch';
const PUBLIC = 'fetch-public';
/** The fetcher's own names, by what they reach. */
const REACH_OF: ReadonlyMap<string, Reach> = new Map([
  [OWNER, 'allowed'],
  [PUBLIC, 'public'],
]);

/**
 * A host is resolved once, all its addresses are checked, and the checked addresses are dialled: there is no
 * moment between the check and the connection in which a name could change its mind. Refusals look the same
 * whatever the name resolved to.
 */
export async function openEgress(options: EgressOptions = {}): Promise<Egress> {
  const caps = { ...DEFAULT_CAPS, ...options.caps };
  // A browser that was taken over knows its own, and cannot ask in the name of the owner.
  const passwords = { fetcher: createPassword(), pages: createPassword() };
  const tally = new EgressTally();
  const createAgent = () => new Agent({ keepAlive: true, timeout: caps.idleMs });
  const agents = { public: createAgent(), allowed: createAgent() };
  const admit = createAdmission(options, caps.resolveMs);
  const passes = new PassBook();
  const server: Server = createServer({
    agents,
    tally,
    passwords,
    admit,
    passes,
    onRefusal: options.onRefusal,
    assign: (id, pass) => watched.assign(id, pass),
  });
  const watched = watchConnections(server, tally, caps);
  await server.listen();

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    watched[Symbol.dispose]();
    for (const agent of Object.values(agents)) agent.destroy();
    closing ??= server.close(true);
    return closing;
  }

  return {
    port: server.port,
    credential: { username: OWNER, password: passwords.fetcher },
    publicCredential: { username: PUBLIC, password: passwords.fetcher },
    issuePass(given) {
      const { username, record } = passes.issue(given);
      return {
        credential: { username, password: passwords.pages },
        [Symbol.dispose]() {
          passes.revoke(username);
          watched.cutAllOf(record);
        },
      };
    },
    counts: () => tally.counts(watched.bytes()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ServerParts {
  readonly agents: Readonly<Record<Reach, Agent>>;
  readonly tally: EgressTally;
  readonly passwords: Readonly<Record<'fetcher' | 'pages', string>>;
  readonly admit: ReturnType<typeof createAdmission>;
  readonly passes: PassBook;
  readonly onRefusal: EgressOptions['onRefusal'];
  readonly assign: WatchedConnections['assign'];
}

function createServer(parts: ServerParts): Server {
  const { agents, tally, passwords, passes, admit, onRefusal, assign } = parts;
  return new Server({
    host: '127.0.0.1',
    port: 0,
    authRealm: 'egress',
    async prepareRequestFunction({ connectionId, username, password, hostname, port }) {
      const pass = passes.find(username);
      const reach = reachOf(username, pass);
      const expected = pass === undefined ? passwords.fetcher : passwords.pages;
      if (reach === undefined || !isSame(password, expected)) {
        // A browser's first request has none: it is asked for it.
        if (password !== '') tally.refuse('credential');
        return { requestAuthentication: true };
      }
      assign(Number(connectionId), pass);
      if (pass?.isSpent === true) throw refusalOf('bytes');
      const admission = await admit({ hostname, port }, reach);
      if (admission.kind === 'refuse') {
        tally.refuse(admission.reason);
        onRefusal?.({
          hostname,
          port,
          reason: admission.reason,
          by: pass === undefined ? 'fetch' : 'pass',
        });
        throw refusalOf(admission.reason);
      }
      // An agent pools by host and port, which share a verdict of one reach.
      return { dnsLookup: pinTo(admission.addresses) as typeof lookup, httpAgent: agents[reach] };
    },
  });
}

function createPassword(): string {
  return randomBytes(24).toString('base64url');
}

/** Undefined for a name that was not given out. */
function reachOf(username: string, pass: PassRecord | undefined): Reach | undefined {
  return pass === undefined ? REACH_OF.get(username) : (pass.reach ?? 'public');
}

const STATUS: Readonly<Partial<Record<EgressRefusal, number>>> = { 'not-public': 403, port: 403 };

function refusalOf(reason: EgressRefusal): RequestError {
  return new RequestError('Refused', STATUS[reason] ?? 502, { [REFUSAL_HEADER]: reason });
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
