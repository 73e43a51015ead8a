import { findFreePorts, startRedis, type TestRedis, waitUntil } from '@xnai/testing';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { renderAclFile } from './acl-file.ts';
import { createPasswords } from './passwords.ts';
import { renderRedisConfig } from './redis-config.ts';
import { renderSentinelConfig } from './sentinel-config.ts';

it('makes servers and sentinels that change the master, and do only what they are allowed to', async () => {
  const passwords = createPasswords();
  const acl = renderAclFile({ passwords, isReplicated: true });
  const ports = await findFreePorts(4);
  const [first = 0, second = 0, ...watching] = ports;
  await using opened = new AsyncDisposableStack();
  const startServer = async (port: number, of?: { readonly host: string; readonly port: number }) =>
    opened.use(
      await startRedis({
        acl,
        config: ({ aclFile, folder, path }) =>
          `${renderRedisConfig({
            aclFile,
            listen: { port },
            maxMemory: '64mb',
            dir: folder,
            keepsData: true,
            replication: { passwords, of },
          })}bind 127.0.0.1\nunixsocket ${path}\nrepl-diskless-sync-delay 0\n`,
      }),
    );
  const servers = [await startServer(first), await startServer(second, { host: '127.0.0.1', port: first })];
  const sentinels = await Promise.all(
    watching.map(async (port) =>
      opened.use(
        await startRedis({
          isSentinel: true,
          config: ({ folder, path }) =>
            `${renderSentinelConfig({
              passwords,
              master: { host: '127.0.0.1', port: first },
              name: 'main',
              quorum: 2,
              port,
              dir: folder,
            })}bind 127.0.0.1\nunixsocket ${path}\n`,
        }),
      ),
    ),
  );
  const ask = (sentinel: TestRedis, ...args: string[]) =>
    sentinel.connect({ password: passwords.of('sentinels') }).call('SENTINEL', ...args) as Promise<string[]>;
  // More often than usual, so that the test need not wait for it.
  for (const one of sentinels) await ask(one, 'debug', 'info-period', '200', 'publish-period', '200');
  const fieldOf = (flat: readonly string[], name: string) => flat[flat.indexOf(name) + 1];
  await waitUntil('they know each other and the replica', async () => {
    const all = await Promise.all(sentinels.map((one) => ask(one, 'master', 'main')));
    return all.every(
      (one) => fieldOf(one, 'num-slaves') === '1' && fieldOf(one, 'num-other-sentinels') === '1',
    );
  });
  await waitUntil('the change begins', () =>
    ask(sentinels[0] as TestRedis, 'failover', 'main').catch(() => undefined),
  );
  const monitorOf = (server: TestRedis) =>
    server.connect({ username: 'monitor', password: passwords.of('monitor') });
  const [old, now] = servers.map(monitorOf) as [Redis, Redis];
  await waitUntil('the other is the master, and the first follows it', async () => {
    const infos = await Promise.all([now, old].map((one) => one.info('replication')));
    return infos[0]?.includes('role:master') && infos[1]?.includes('master_link_status:up');
  });
  expect(await now.info('replication')).toMatch(/min_slaves_good_slaves:1/);
  for (const one of [old, now]) {
    const denied = ((await one.call('ACL', 'LOG')) as string[][]).map((entry) => fieldOf(entry, 'object'));
    expect(denied).toEqual([]);
  }
  const stranger = new Redis({ port: watching[0] ?? 0, lazyConnect: true, enableReadyCheck: false });
  stranger.on('error', () => {});
  await expect(stranger.call('SENTINEL', 'masters')).rejects.toThrow('NOAUTH');
  stranger.disconnect();
}, 60_000);
