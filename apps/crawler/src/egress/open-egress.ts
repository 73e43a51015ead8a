import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { lookup } from 'node:dns';
import { Agent } from 'node:http';
import { RequestError, Server } from 'proxy-chain';
import { type AdmissionOptions, createAdmission, type Target } from './create-admission.ts';
import { type EgressCounts, type EgressRefusal, EgressTally } from './egress-tally.ts';
import { pinTo } from './resolve-public.ts';

export interface EgressOptions extends AdmissionOptions {
  readonly caps?: Partial<EgressCaps> | undefined;
  /** Told of each connection that was turned away, and nothing of what its name resolved to. */
  readonly onRefusal?: ((refused: RefusedTarget) => void) | undefined;
}

export interface RefusedTarget extends Target {
  readonly by: EgressUser;
  readonly reason: EgressRefusal;
}

/** Who goes through the proxy: what fetches pages, or a page in the browser. */
export type EgressUser = 'crawl' | 'browser';

export interface EgressCaps {
  /** Of one connection, both ways together. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly idleMs: number;
  /** A resolver that takes longer has no answer. */
  readonly resolveMs: number;
}

/** The one door to the outside: an HTTP proxy on loopback that asks for a credential. */
export interface Egress extends AsyncDisposable {
  readonly port: number;
  /** The password changes with every egress; whoever does not have it gets no further than the door. */
  credentialOf(user: EgressUser): Credential;
  counts(): EgressCounts;
  close(): Promise<void>;
}

export interface Credential {
  readonly username: EgressUser;
  readonly password: string;
}

/** The header of a refusal that says why; only the proxy's own answers to CONNECT are believed. */
export const REFUSAL_HEADER = 'x-egress-refusal';

const DEFAULT_CAPS: EgressCaps = {
  maxBytes: 256 * 1024 ** 2,
  maxAgeMs: 600_000,
  idleMs: 60_000,
  resolveMs: 10_000,
};
const USERS: ReadonlySet<string> = new Set<EgressUser>(['crawl', 'browser']);

/**
 * A host is resolved once, all its addresses are checked, and the checked addresses are dialled: there is no
 * moment between the check and the connection in which a name could change its mind. Refusals look the same
 * whatever the name resolved to.
 */
export async function openEgress(options: EgressOptions = {}): Promise<Egress> {
  const caps = { ...DEFAULT_CAPS, ...options.caps };
  const password = randomBytes(24).toString('base64url');
  const tally = new EgressTally();
  const agent = new Agent({ keepAlive: true, timeout: caps.idleMs });
  const admit = createAdmission(options, caps.resolveMs);
  const server = createServer({ agent, tally, password, admit, onRefusal: options.onRefusal });
  const watched = watchConnections(server, tally, caps);
  await server.listen();

  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    watched[Symbol.dispose]();
    agent.destroy();
    closing ??= server.close(true);
    return closing;
  }

  return {
    port: server.port,
    credentialOf: (username) => ({ username, password }),
    counts: () => tally.counts(watched.bytes()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface ServerParts {
  readonly agent: Agent;
  readonly tally: EgressTally;
  readonly password: string;
  readonly admit: ReturnType<typeof createAdmission>;
  readonly onRefusal: EgressOptions['onRefusal'];
}

function createServer({ agent, tally, password: wanted, admit, onRefusal }: ServerParts): Server {
  return new Server({
    host: '127.0.0.1',
    port: 0,
    authRealm: 'egress',
    async prepareRequestFunction({ username, password, hostname, port }) {
      if (!USERS.has(username) || !isSame(password, wanted)) {
        // A browser's first request has none: it is asked for it.
        if (password !== '') tally.refuse('credential');
        return { requestAuthentication: true };
      }
      const admission = await admit({ hostname, port });
      if (admission.kind === 'refuse') {
        tally.refuse(admission.reason);
        onRefusal?.({ hostname, port, reason: admission.reason, by: username as EgressUser });
        const headers = { [REFUSAL_HEADER]: admission.reason };
        throw new RequestError('Refused', STATUS[admission.reason] ?? 502, headers);
      }
      // The agent pools by host and port, which share a verdict.
      return { dnsLookup: pinTo(admission.addresses) as typeof lookup, httpAgent: agent };
    },
  });
}

const STATUS: Readonly<Partial<Record<EgressRefusal, number>>> = { 'not-public': 403, port: 403 };

/** How often open connections are held against their caps. */
const SWEEP_MS = 50;

/** Cuts connections that live too long or carry too much. */
function watchConnections(server: Server, tally: EgressTally, caps: EgressCaps) {
  const bornMs = new Map<number, number>();
  const bytesOf = (id: number) => {
    const stats = server.getConnectionStats(id);
    return (stats?.srcRxBytes ?? 0) + (stats?.srcTxBytes ?? 0);
  };
  server.server.on('connection', (socket) => {
    // Numbered by the proxy's own listener, which is the first.
    const { proxyChainId } = socket as typeof socket & { proxyChainId?: number };
    if (proxyChainId === undefined) return;
    bornMs.set(proxyChainId, performance.now());
    tally.connections += 1;
    socket.setTimeout(caps.idleMs);
  });
  server.on('connectionClosed', ({ connectionId }: { connectionId: number }) => {
    tally.bytes += bytesOf(connectionId);
    bornMs.delete(connectionId);
  });
  const sweep = setInterval(() => {
    for (const [id, born] of bornMs) {
      const isLarge = bytesOf(id) > caps.maxBytes;
      if (!isLarge && performance.now() - born <= caps.maxAgeMs) continue;
      tally.refuse(isLarge ? 'bytes' : 'age');
      server.closeConnection(id);
    }
  }, SWEEP_MS);

  return {
    bytes: () => bornMs.keys().reduce((sum, id) => sum + bytesOf(id), 0),
    [Symbol.dispose]: () => clearInterval(sweep),
  };
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
