import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { startRedis, type TestRedis } from '@xnai/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderAclFile } from './acl-file.ts';
import { createPasswords } from './passwords.ts';
import { renderRedisConfig } from './redis-config.ts';
import { REDIS_USERS, type RedisUserName } from './redis-users.ts';
import { knowsClientSetinfo, parseServerVersion } from './server-version.ts';

const hasServer = spawnSync('redis-server', ['--version']).status === 0;
/** What a breaker's user runs is loaded first: it may not send the text of a script along. */
const script = "return redis.call('hset', KEYS[1], 'state', 'open')";
const forceScript = `
  redis.call('hset', KEYS[1], 'state', 'open')
  return redis.call('xadd', KEYS[2], 'MAXLEN', '1000', '*', 'action', 'isolate')`;
const timeScript = "return redis.call('time')";
const dropAuditScript = "return redis.call('del', KEYS[1])";
// The key is hidden from the key list: the script's own call is what must be refused.
const hiddenScript = "return redis.call('hset', 'xnai:brk:{crawler:rag}', 'state', 'open')";
const loaded = [script, forceScript, timeScript, dropAuditScript, hiddenScript];
const shaOf = (text: string) => createHash('sha1').update(text).digest('hex');

type Command = readonly [string, ...string[]];

const allowed: Readonly<Record<RedisUserName, readonly Command[]>> = {
  'rag-cache': [
    ['ping'],
    ['set', 'xnai:cache:rag:answer', '1', 'PX', '1000'],
    ['mget', 'xnai:cache:rag:answer'],
    ['unlink', 'xnai:cache:rag:answer'],
    ['info', 'memory'],
  ],
  'rag-breaker': [
    ['evalsha', shaOf(script), '1', 'xnai:brk:{rag:llm}'],
    ['hset', 'xnai:brk:{rag:llm}', 'generation', '1'],
    ['pexpire', 'xnai:brk:{rag:llm}', '60000'],
    ['hmget', 'xnai:brk:{crawler:rag}', 'state'],
    ['evalsha', shaOf(forceScript), '2', 'xnai:brk:{rag:llm}', 'xnai:brk:audit'],
    ['xrevrange', 'xnai:brk:audit', '+', '-'],
    ['evalsha', shaOf(timeScript), '0'],
    ['publish', 'xnai:brk:ev', 'payload'],
    ['subscribe', 'xnai:brk:ev'],
  ],
  crawler: [
    ['hset', '{xnai:crawl}:crawls:1', 'name', 'crawl'],
    ['xadd', 'xnai:crawl:outbox', '*', 'url', 'https://example.org'],
    ['xrange', 'xnai:crawl:outbox', '-', '+'],
    ['zadd', 'xnai:crawl:index', '1', 'id'],
    ['info', 'server'],
    ['scan', '0', 'MATCH', 'xnai:crawl:*'],
  ],
  'crawler-breaker': [
    ['evalsha', shaOf(script), '1', 'xnai:brk:{crawler:rag}'],
    ['hgetall', 'xnai:brk:{rag:llm}'],
    ['publish', 'xnai:brk:ev', 'payload'],
  ],
  monitor: [
    ['ping'],
    ['info'],
    ['slowlog', 'get'],
    ['acl', 'log'],
    ['latency', 'latest'],
    ['memory', 'stats'],
  ],
};

const denied: Readonly<Record<RedisUserName, readonly Command[]>> = {
  'rag-cache': [
    ['get', 'xnai:brk:{rag:llm}'],
    ['get', 'xnai:crawl:outbox'],
    ['set', 'other', '1'],
    ['eval', 'return 1', '0'],
    ['publish', 'xnai:brk:ev', 'payload'],
  ],
  'rag-breaker': [
    ['hset', 'xnai:brk:{crawler:rag}', 'state', 'open'],
    ['del', 'xnai:brk:{crawler:rag}'],
    ['evalsha', shaOf(forceScript), '2', 'xnai:brk:{crawler:rag}', 'xnai:brk:audit'],
    ['del', 'xnai:brk:audit'],
    ['evalsha', shaOf(dropAuditScript), '1', 'xnai:brk:audit'],
    ['evalsha', shaOf(script), '1', 'xnai:brk:{crawler:rag}'],
    ['evalsha', shaOf(hiddenScript), '0'],
    ['eval', 'return 1', '0'],
    ['xdel', 'xnai:brk:audit', '1-1'],
    ['xtrim', 'xnai:brk:audit', 'MAXLEN', '0'],
    ['expire', 'xnai:brk:audit', '1'],
    ['hgetall', 'other'],
    ['get', '{xnai:crawl}:crawls:meta'],
    ['info'],
    ['hgetall', 'xnai:crawl:outbox'],
    ['hgetall', 'xnai:cache:rag:answer'],
    ['publish', 'other', 'payload'],
    ['subscribe', '__keyspace@0__:xnai:crawl:outbox'],
    ['psubscribe', '*'],
  ],
  crawler: [
    ['get', 'xnai:cache:rag:answer'],
    ['hset', 'xnai:brk:{crawler:rag}', 'state', 'open'],
    ['set', 'bull:crawl:1', '1'],
    ['publish', 'xnai:brk:ev', 'payload'],
    ['subscribe', 'xnai:brk:ev'],
  ],
  'crawler-breaker': [
    ['hset', 'xnai:brk:{rag:llm}', 'state', 'open'],
    ['evalsha', shaOf(forceScript), '2', 'xnai:brk:{rag:llm}', 'xnai:brk:audit'],
    ['xadd', 'xnai:crawl:outbox', '*', 'url', 'https://example.org'],
    ['publish', 'xnai:crawl', 'payload'],
  ],
  monitor: [['get', 'xnai:cache:rag:answer'], ['hgetall', 'xnai:brk:{rag:llm}'], ['scan', '0'], ['dbsize']],
};

const deniedToAll: readonly Command[] = [
  ['flushall'],
  ['flushdb'],
  ['keys', '*'],
  ['config', 'get', '*'],
  ['config', 'set', 'maxmemory', '0'],
  ['acl', 'list'],
  ['acl', 'setuser', 'crawler', '+@all'],
  ['acl', 'getuser', 'crawler'],
  ['client', 'kill', 'TYPE', 'normal'],
  ['client', 'pause', '1000'],
  ['shutdown', 'nosave'],
  ['save'],
  ['bgsave'],
  ['replicaof', '127.0.0.1', '1'],
  ['psync', '?', '-1'],
  ['monitor'],
  ['module', 'list'],
  ['function', 'flush'],
  ['script', 'flush'],
  ['migrate', '127.0.0.1', '1', 'xnai:crawl:x', '0', '10'],
  ['restore', 'xnai:crawl:x', '0', 'payload'],
  ['swapdb', '0', '1'],
];

const users = Object.keys(REDIS_USERS) as RedisUserName[];

it('keeps passwords out of the file', () => {
  const passwords = createPasswords('seed');
  const file = renderAclFile({ passwords });
  for (const user of users) expect(file).not.toContain(passwords.of(user));
  expect(file.match(/#[0-9a-f]{64}/g)).toHaveLength(users.length);
});

it('names client|setinfo only where the server knows it', () => {
  const passwords = createPasswords('seed');
  expect(renderAclFile({ passwords })).not.toContain('setinfo');
  expect(renderAclFile({ passwords, allowClientSetinfo: true })).toContain('+client|setinfo');
});

describe.skipIf(!hasServer)('a server with the generated aclfile', () => {
  const passwords = createPasswords();
  let server: TestRedis;
  const connect = (user: RedisUserName) =>
    server.connect({
      username: user,
      password: passwords.of(user),
      maxRetriesPerRequest: 0,
      enableReadyCheck: false,
    });

  beforeAll(async () => {
    const version = parseServerVersion(spawnSync('redis-server', ['--version']).stdout.toString());
    const allowClientSetinfo = version !== undefined && knowsClientSetinfo(version);
    server = await startRedis({
      acl: renderAclFile({ passwords, allowClientSetinfo }),
      config: ({ aclFile, path, folder }) =>
        renderRedisConfig({ aclFile, listen: { socketPath: path }, maxMemory: '64mb', dir: folder }),
    });
    for (const text of loaded) await connect('crawler').call('script', 'load', text);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(users)('lets %s do what it needs', async (user) => {
    for (const [name, ...args] of allowed[user]) {
      await expect(connect(user).call(name, ...args), `${name} ${args}`).resolves.toBeDefined();
    }
  });

  it.each(users)('denies %s what is not its own', async (user) => {
    const client = connect(user);
    for (const [name, ...args] of denied[user]) {
      await expect(client.call(name, ...args), `${name} ${args}`).rejects.toThrow(
        /NOPERM|No permissions|can't access/,
      );
    }
  });

  it.each(users)('denies %s what no service may do', async (user) => {
    const client = connect(user);
    for (const [name, ...args] of deniedToAll) {
      await expect(client.call(name, ...args), `${name} ${args}`).rejects.toThrow(/NOPERM/);
    }
  });

  it('knows no user without a password, and no default user', async () => {
    expect(await sayTo(server.path, 'PING')).toMatch(/^-NOAUTH/);
    for (const login of ['AUTH default anything', 'AUTH default ""', 'AUTH ""', 'HELLO 3 AUTH default ""'])
      expect([login, await sayTo(server.path, login)]).toEqual([login, expect.stringMatching(/^-WRONGPASS/)]);
    expect(await sayTo(server.path, 'AUTH crawler anything')).toMatch(/^-WRONGPASS/);
  });

  it('listens on the socket only, saves nothing and evicts nothing', async () => {
    const info = (await connect('monitor').call('info', 'everything')) as string;
    expect(info).toContain('tcp_port:0');
    expect(info).toContain('maxmemory_human:64.00M');
    expect(info).toContain('maxmemory_policy:noeviction');
    expect(info).toContain('aof_enabled:0');
  });
});

it.skipIf(!hasServer)(
  'loads from an append-only file what scripts and transactions have written',
  async () => {
    const passwords = createPasswords();
    await using server = await startRedis({
      acl: renderAclFile({ passwords }),
      config: ({ aclFile, path, folder }) =>
        renderRedisConfig({
          aclFile,
          listen: { socketPath: path },
          maxMemory: '64mb',
          dir: folder,
          keepsData: true,
        }),
    });
    const login = { username: 'crawler', password: passwords.of('crawler'), enableReadyCheck: false };
    const crawler = server.connect({ ...login, maxRetriesPerRequest: null, retryStrategy: () => 20 });
    const writeTwo = `
    redis.call('hset', KEYS[1], 'a', '1')
    return redis.call('xadd', KEYS[2], '*', 'b', '2')`;
    await crawler.eval(writeTwo, 2, 'xnai:crawl:hash', 'xnai:crawl:stream');
    await crawler
      .multi()
      .zadd('xnai:crawl:set', 1, 'a')
      .xgroup('CREATE', 'xnai:crawl:stream', 'group', '0')
      .pexpire('xnai:crawl:hash', 600_000)
      .exec();
    await crawler.xreadgroup('GROUP', 'group', 'one', 'COUNT', 1, 'STREAMS', 'xnai:crawl:stream', '>');
    await server.restart();
    expect(await crawler.hgetall('xnai:crawl:hash')).toEqual({ a: '1' });
    expect(await crawler.pttl('xnai:crawl:hash')).toBeGreaterThan(0);
    expect(await crawler.zcard('xnai:crawl:set')).toBe(1);
    expect(((await crawler.xpending('xnai:crawl:stream', 'group')) as unknown[])[0]).toBe(1);
  },
);

/** One inline command on a connection without a login. */
async function sayTo(socketPath: string, command: string): Promise<string> {
  const socket = createConnection(socketPath);
  socket.write(`${command}\r\n`);
  const [reply] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return reply.toString();
}
