import type { Server } from 'proxy-chain';
import type { PassRecord } from './egress-pass.ts';
import type { EgressTally } from './egress-tally.ts';

export interface ConnectionCaps {
  /** Of one connection, both ways together. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly idleMs: number;
}

interface Connection {
  readonly bornMs: number;
  pass?: PassRecord | undefined;
}

/** How often open connections are held against their caps. */
const SWEEP_MS = 50;

/** Cuts connections that live too long or carry too much, by themselves or with the others of their page. */
export function watchConnections(server: Server, tally: EgressTally, caps: ConnectionCaps) {
  const open = new Map<number, Connection>();
  const bytesOf = (id: number) => countBytes(server, id);

  function cutOverdue(id: number, { bornMs }: Connection): void {
    const isLarge = bytesOf(id) > caps.maxBytes;
    if (!isLarge && performance.now() - bornMs <= caps.maxAgeMs) return;
    tally.refuse(isLarge ? 'bytes' : 'age');
    server.closeConnection(id);
  }

  function idsOf(pass: PassRecord): number[] {
    return [...open].flatMap(([id, connection]) => (connection.pass === pass ? [id] : []));
  }

  function cutSpent(pass: PassRecord): void {
    if (pass.isSpent) return;
    const ids = idsOf(pass);
    if (ids.reduce((sum, id) => sum + bytesOf(id), pass.closedBytes) <= pass.maxBytes) return;
    pass.isSpent = true;
    tally.refuse('bytes');
    for (const id of ids) server.closeConnection(id);
    pass.onSpent();
  }

  server.server.on('connection', (socket) => {
    // Numbered by the proxy's own listener, which is the first.
    const { proxyChainId } = socket as typeof socket & { proxyChainId?: number };
    if (proxyChainId === undefined) return;
    open.set(proxyChainId, { bornMs: performance.now() });
    tally.connections += 1;
    socket.setTimeout(caps.idleMs);
  });
  server.on('connectionClosed', ({ connectionId }: { connectionId: number }) => {
    const bytes = bytesOf(connectionId);
    const pass = open.get(connectionId)?.pass;
    tally.bytes += bytes;
    open.delete(connectionId);
    if (pass === undefined) return;
    pass.closedBytes += bytes;
    cutSpent(pass);
  });
  const sweep = setInterval(() => {
    for (const [id, connection] of open) cutOverdue(id, connection);
    for (const pass of new Set([...open.values()].map((connection) => connection.pass))) {
      if (pass !== undefined) cutSpent(pass);
    }
  }, SWEEP_MS);

  return {
    /** Counts a connection as one of a page's. */
    assign(id: number, pass: PassRecord | undefined): void {
      const connection = open.get(id);
      if (connection !== undefined) connection.pass = pass;
    },
    cutAllOf(pass: PassRecord): void {
      for (const id of idsOf(pass)) server.closeConnection(id);
    },
    bytes: () => open.keys().reduce((sum, id) => sum + bytesOf(id), 0),
    [Symbol.dispose]: () => clearInterval(sweep),
  };
}

function countBytes(server: Server, id: number): number {
  const stats = server.getConnectionStats(id);
  return (stats?.srcRxBytes ?? 0) + (stats?.srcTxBytes ?? 0);
}

export type WatchedConnections = ReturnType<typeof watchConnections>;
