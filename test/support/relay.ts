import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** A TCP relay that can be cut: both sides then see what they see of a process that is gone. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** Where connections go from now on; none are taken before. */
  connectTo(port: number): void;
  /** Drops all connections and takes no more. */
  cut(): void;
}

export async function openRelay(): Promise<Relay> {
  const sockets = new Set<Socket>();
  let target: number | undefined;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket));
  };
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const server = createServer((near) => {
    keep(near);
    if (target === undefined) return void near.resetAndDestroy();
    const far = createConnection(target, '127.0.0.1');
    keep(far);
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connectTo(port) {
      target = port;
    },
    cut() {
      target = undefined;
      drop();
    },
    async [Symbol.asyncDispose]() {
      drop();
      await once(server.close(), 'close');
    },
  };
}
