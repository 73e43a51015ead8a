import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP proxy that does to a connection what networks do. Faults hold for what passes from then on. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** Added each way. */
  latencyMs: number;
  /** Bytes go in and nothing comes out; connections stay. */
  blackhole: boolean;
  /** Requests arrive, answers do not. */
  dropReplies: boolean;
  /** New connections are reset. */
  refuse: boolean;
  /** Connections accepted so far, and when. */
  readonly accepted: readonly number[];
  /** Resets all connections. */
  reset(): void;
  close(): Promise<void>;
}

/** @param target where to: `{ path }` or `{ port }`; asked anew for each connection. */
export const createFaultProxy = async (
  target: () => { readonly path: string } | { readonly port: number },
): Promise<FaultProxy> => {
  const sockets = new Set<Socket>();
  const accepted: number[] = [];
  const server = createServer((near) => {
    accepted.push(performance.now());
    if (proxy.refuse) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(target());
    sockets.add(near);
    near.setNoDelay(true);
    near.on('error', () => far.destroy());
    near.on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
    far.on('error', () => near.destroy());
    far.on('close', () => near.destroy());
    near.on('data', (chunk) => pass(chunk, far, () => proxy.blackhole));
    far.on('data', (chunk) => pass(chunk, near, () => proxy.blackhole || proxy.dropReplies));
  });
  const pass = (chunk: Buffer, to: Socket, lost: () => boolean) => {
    if (lost()) return;
    if (proxy.latencyMs === 0) to.write(chunk);
    else setTimeout(() => to.destroyed || to.write(chunk), proxy.latencyMs);
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const proxy: FaultProxy = {
    port: (server.address() as { port: number }).port,
    latencyMs: 0,
    blackhole: false,
    dropReplies: false,
    refuse: false,
    accepted,
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      proxy.reset();
      server.close();
      await once(server, 'close');
    },
    [Symbol.asyncDispose]: () => proxy.close(),
  };
  return proxy;
};
