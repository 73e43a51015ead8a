import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FaultProxy, TestRedis } from '@xnai/testing';
import { waitUntil } from '@xnai/testing';

export interface Fault {
  readonly name: string;
  /** The scripts are allowed to run: breakers go on being shared. */
  readonly harmless?: true;
  begin(server: TestRedis, proxy: FaultProxy): Promise<unknown> | undefined;
  end(server: TestRedis, proxy: FaultProxy): Promise<unknown> | undefined;
}

/** What happens to a Redis, with what undoes it. */
export const faults: readonly Fault[] = [
  { name: 'killed', begin: (server) => server.kill(), end: (server) => server.restart() },
  {
    name: 'stopped (SIGSTOP)',
    begin: (server) => done(server.pause()),
    end: (server) => done(server.resume()),
  },
  {
    name: 'paused for all clients',
    begin: (server) => server.client.call('CLIENT', 'PAUSE', '1500', 'ALL'),
    end: (server) => server.client.ping(),
  },
  {
    name: 'cut off, packets vanishing',
    begin: (_, proxy) => done(Object.assign(proxy, { blackhole: true })),
    end: (_, proxy) => done(Object.assign(proxy, { blackhole: false }) && proxy.reset()),
  },
  {
    name: 'resetting connections',
    begin: (_, proxy) => done(Object.assign(proxy, { refuse: true }) && proxy.reset()),
    end: (_, proxy) => done(Object.assign(proxy, { refuse: false })),
  },
  {
    name: 'doing as told, its answers lost',
    begin: (_, proxy) => done(Object.assign(proxy, { dropReplies: true })),
    end: (_, proxy) => done(Object.assign(proxy, { dropReplies: false }) && proxy.reset()),
  },
  {
    name: 'slow by half a second',
    begin: (_, proxy) => done(Object.assign(proxy, { latencyMs: 500 })),
    end: (_, proxy) => done(Object.assign(proxy, { latencyMs: 0 })),
  },
  {
    name: 'over its memory (OOM)',
    harmless: true,
    begin: (server) => server.client.config('SET', 'maxmemory', '1'),
    end: (server) => server.client.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'a read-only replica (READONLY)',
    begin: (server) => server.client.call('REPLICAOF', '127.0.0.1', '1'),
    end: (server) => server.client.call('REPLICAOF', 'NO', 'ONE'),
  },
  {
    name: 'denying everything (NOPERM)',
    begin: (server) => server.client.call('ACL', 'SETUSER', 'breaker', 'resetkeys', '-@all'),
    end: (server) => server.client.call('ACL', 'SETUSER', 'breaker', 'allkeys', '+@all'),
  },
  {
    name: 'refusing writes after a failed save (MISCONF)',
    begin: failToSave,
    end: saveAgain,
  },
  {
    name: 'busy with a script that does not end (BUSY)',
    async begin(server) {
      await server.client.config('SET', 'busy-reply-threshold', '1');
      const endless = server.client.duplicate({ lazyConnect: false, commandTimeout: 300 });
      await endless.eval('while true do end', 0).catch(() => {});
      endless.disconnect();
    },
    end: (server) => server.client.call('SCRIPT', 'KILL'),
  },
  {
    name: 'loading its data (LOADING)',
    async begin(server) {
      const many = Array.from({ length: 2_000 }, (_, i) => [`k${i}`, 'v']).flat();
      await server.client.mset(many);
      await server.client.save();
      await server.restart({
        args: ['--key-load-delay', '1000', '--loading-process-events-interval-bytes', '1024'],
        readyText: 'Loading RDB',
      });
    },
    async end(server) {
      await rm(dumpOf(server));
      await server.restart();
    },
  },
];

const done = async (_: unknown): Promise<void> => {};

/** A folder where the dump should go: the save fails, and by default writes stop. */
async function failToSave(server: TestRedis): Promise<void> {
  await rm(dumpOf(server), { recursive: true, force: true });
  await mkdir(dumpOf(server));
  await server.client.config('SET', 'save', '3600 1');
  await server.client.bgsave();
  await waitUntil('the save has failed', async () =>
    /bgsave_status:err/.test(await server.client.info('persistence')),
  );
}

async function saveAgain(server: TestRedis): Promise<void> {
  await rm(dumpOf(server), { recursive: true });
  await server.client.config('SET', 'save', '');
}

const dumpOf = (server: TestRedis): string => join(dirname(server.path), 'dump.rdb');
