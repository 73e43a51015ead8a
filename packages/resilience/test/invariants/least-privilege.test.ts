import { openFaultProxy, startRedis } from '@xnai/testing';
import { expect, test } from 'vitest';
import { createRedisStore } from '../../src/index.ts';
import { storeContract } from '../../src/testing/index.ts';

/** What the README says a user of breakers needs, and nothing else. */
const commands =
  '+hello +auth +ping +client|setname +evalsha +script|load +time +hmget +hgetall +hset +hdel +del +pexpire +publish +subscribe +xadd +xrevrange +zadd +zrem +zrange +zcard +zscore +zremrangebyscore';
const user = [
  '--user',
  'breakers',
  'on',
  '>secret',
  '~xnai:brk:*',
  'resetchannels',
  '&xnai:brk:ev',
  '-@all',
  ...commands.split(' '),
];

test('every feature works as a user with the rights that are documented, also after the scripts are gone', async () => {
  await using server = await startRedis({ args: user });
  await using tcp = await openFaultProxy(() => ({ path: server.path }));
  const open = () =>
    createRedisStore({ url: `redis://breakers:secret@127.0.0.1:${tcp.port}`, commandTimeoutMs: 2_000 });
  for (const { run } of storeContract) {
    await server.client.flushall();
    await server.client.script('FLUSH');
    await run(open);
  }
  expect(await server.client.call('ACL', 'LOG')).toEqual([]);
}, 30_000);

test('that user can do nothing else', async () => {
  await using server = await startRedis({ args: user });
  await using other = Object.assign(
    server.client.duplicate({
      path: server.path,
      username: 'breakers',
      password: 'secret',
      lazyConnect: false,
      disableClientInfo: true,
      enableReadyCheck: false,
    }),
    { [Symbol.asyncDispose]: async () => other.disconnect() },
  );
  const forbidden: (readonly [string, ...string[]])[] = [
    ['FLUSHALL'],
    ['KEYS', '*'],
    ['CONFIG', 'GET', '*'],
    ['EVAL', 'return 1', '0'],
    ['HSET', 'xnai:other', 'a', '1'],
    ['HGETALL', '{xnai:crawl}:jobs'],
    ['PUBLISH', 'xnai:other', 'x'],
    ['SUBSCRIBE', 'xnai:other'],
    ['ACL', 'LIST'],
  ];
  for (const [command, ...args] of forbidden) {
    await expect(other.call(command, ...args), command).rejects.toThrow(/NOPERM/);
  }
}, 30_000);
