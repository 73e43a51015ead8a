import type { Redis } from 'ioredis';
import type { FaultProxy } from './fault-proxy.ts';

export interface Parted {
  /** Reaches the server by another way than the proxy. */
  readonly client: Redis;
  /** By which all others reach it. */
  readonly proxy: FaultProxy;
}

/** Parts a server from its replicas, sentinels and new clients. Clients that are connected stay so. */
export async function partServer({ client, proxy }: Parted): Promise<Disposable> {
  const list = (await client.client('LIST')) as string;
  for (const line of list.split('\n')) {
    const port = /\baddr=127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined && !OTHERS.test(line)) proxy.spared.add(Number(port));
  }
  Object.assign(proxy, { blackhole: true, refuse: true });
  return {
    [Symbol.dispose]() {
      Object.assign(proxy, { blackhole: false, refuse: false });
      proxy.spared.clear();
      // They lack bytes.
      proxy.reset();
    },
  };
}

/** Replicas, and what sentinels call their connections. */
const OTHERS = / flags=S| name=sentinel-/;
