import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that does to a connection what networks do. A fault applies to the bytes that pass after it is set. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Delay that is added in each direction. */
  latencyMs: number;
  /** Connections stay open; no byte passes in either direction. */
  blackhole: boolean;
  /** Requests pass, replies are lost. */
  dropReplies: boolean;
  /** New connections are reset. */
  refuse: boolean;
  /** Those connections that no fault concerns, by their own port at the target. */
  readonly spared: Set<number>;
  /** When each connection was accepted, by `performance.now()`. */
  readonly accepted: readonly number[];
  /** Resets all connections. */
  reset(): void;
}

export type ProxyTarget = { readonly path: string } | { readonly port: number };

/** @param target where connections go; called for each. While it is undefined, connections are reset. */
export async function openFaultProxy(target: () => ProxyTarget | undefined): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const accepted: number[] = [];
  const server = createServer((near) => {
    accepted.push(performance.now());
    const address = proxy.refuse ? undefined : target();
    if (address === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(address);
    sockets.add(near);
    near.setNoDelay(true);
    near.on('error', () => far.destroy());
    near.on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    const isSpared = () => proxy.spared.has(far.localPort ?? 0);
    near.on('data', (chunk) => pass(chunk, far, proxy.blackhole && !isSpared()));
    far.on('data', (chunk) => pass(chunk, near, (proxy.blackhole || proxy.dropReplies) && !isSpared()));
  });
  const pass = (chunk: Buffer, to: Socket, isLost: boolean) => {
    if (isLost) return;
    if (proxy.latencyMs === 0) to.write(chunk);
    else setTimeout(() => to.destroyed || to.write(chunk), proxy.latencyMs);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxy: FaultProxy = {
    port: (server.address() as AddressInfo).port,
    latencyMs: 0,
    blackhole: false,
    dropReplies: false,
    refuse: false,
    spared: new Set(),
    accepted,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      proxy.reset();
      await once(server.close(), 'close');
    },
  };
  return proxy;
}
