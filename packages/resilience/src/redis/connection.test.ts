import { openFaultProxy, startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { openRedisMemory } from '../index.ts';
import { connectRedis, fastFailing } from './connection.ts';

const user = ['--user', 'ann', 'on', '>p@ss', '~*', '&*', '+@all', '--user', 'default', 'off'];

test('a login is read from every form of URL', async () => {
  await using server = await startRedis({ args: user });
  await using tcp = await openFaultProxy(() => ({ path: server.path }));
  for (const url of [
    `unix://ann:p%40ss@localhost${server.path}`,
    `redis+unix://ann:p%40ss@localhost${server.path}`,
    `redis://ann:p%40ss@localhost?path=${encodeURIComponent(server.path)}`,
    `redis://ann:p%40ss@127.0.0.1:${tcp.port}`,
  ]) {
    const client = connectRedis(url, fastFailing(2_000));
    try {
      await client.connect();
      expect(await client.acl('WHOAMI'), url).toBe('ann');
    } finally {
      client.disconnect();
    }
  }
});

test('the memory of a server is known while it answers and has a limit, and unknown otherwise', async () => {
  await using server = await startRedis();
  await using memory = openRedisMemory(server.url);
  const read = () => memory.read().catch(() => undefined);
  expect(await read()).toBeUndefined();
  await server.client.config('SET', 'maxmemory', '64mb');
  await expect
    .poll(read)
    .toMatchObject({ used: expect.closeTo(0.02, 1), detail: expect.stringContaining('64 MiB') });
  await server.kill();
  await expect.poll(read).toBeUndefined();
});
