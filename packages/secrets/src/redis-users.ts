/**
 * One Redis user per service and purpose, and all that each may do. What is not listed is denied; `default`
 * is off. Rules are those that Redis 7.0 understands.
 */
export interface RedisUser extends Rules {
  /** Pub/sub channels. */
  readonly channels: readonly string[];
  /** Further rules: a command is allowed when these or the user's own allow all of it. */
  readonly selectors?: readonly Rules[];
}

export interface Rules {
  readonly commands: readonly string[];
  /** Key patterns, with the access they give (`~` reads and writes). */
  readonly keys: readonly string[];
}

export type RedisUserName = 'rag-cache' | 'rag-breaker' | 'crawler' | 'crawler-breaker' | 'monitor';
export type ReplicationUserName = 'replica' | 'sentinel';

const connection = ['hello', 'auth', 'ping', 'quit', 'client|setname', 'client|id'];

// EVAL beside EVALSHA: ioredis falls back to it when a restarted Redis does not know the script any more.
const scripts = ['eval', 'evalsha', 'script|load', 'script|exists'];

/**
 * Breakers are hashes, and a sorted set lists the open members of a family; a service changes its own and reads everybody's. What an operator forces upon one goes into
 * the audit stream in the same script: a service can add to that and read it, but not take away.
 */
function breakerUser(service: string): RedisUser {
  const own = `~xnai:brk:{${service}:*`;
  const audit = '~xnai:brk:audit';
  return {
    commands: [
      ...['hello', 'auth', 'ping', 'client|setname', 'evalsha', 'script|load', 'time'],
      ...['hmget', 'hgetall', 'hset', 'hdel', 'del', 'pexpire', 'publish', 'subscribe'],
      ...['zadd', 'zrem', 'zrange', 'zcard', 'zscore', 'zremrangebyscore'],
    ],
    keys: ['%R~xnai:brk:*', own],
    channels: ['xnai:brk:ev'],
    selectors: [{ commands: ['evalsha', 'xadd', 'xrevrange'], keys: [own, audit] }],
  };
}

/** What BullMQ's scripts, the outbox, the crawls' own records and their locks call. */
const crawlCommands = [
  ...connection,
  ...scripts,
  // BullMQ asks for the version and the eviction policy before it does anything.
  ...['info', 'client|list', 'multi', 'exec', 'discard', 'watch', 'unwatch', 'scan', 'time', 'wait'],
  ...[
    'del',
    'unlink',
    'exists',
    'expire',
    'pexpire',
    'pexpireat',
    'persist',
    'pttl',
    'ttl',
    'rename',
    'type',
  ],
  ...['get', 'getdel', 'set', 'mget', 'incr', 'incrby', 'decr', 'decrby', 'strlen'],
  ...['hget', 'hset', 'hsetnx', 'hmget', 'hmset', 'hgetall', 'hdel', 'hexists', 'hincrby', 'hlen', 'hscan'],
  ...['hkeys', 'hvals'],
  ...['sadd', 'srem', 'scard', 'sismember', 'smismember', 'smembers', 'sscan', 'spop'],
  ...['zadd', 'zrem', 'zscore', 'zmscore', 'zcard', 'zcount', 'zincrby', 'zrank', 'zrange', 'zrevrange'],
  ...['zrangebyscore', 'zrevrangebyscore', 'zrangebylex', 'zlexcount', 'zpopmin', 'bzpopmin'],
  ...['zremrangebyscore', 'zremrangebyrank', 'zscan'],
  ...['llen', 'lpush', 'rpush', 'lpop', 'rpop', 'rpoplpush', 'lmove', 'lrange', 'lrem', 'ltrim', 'lindex'],
  ...['lset', 'lpos', 'linsert'],
  ...['xadd', 'xtrim', 'xlen', 'xrange', 'xrevrange', 'xread', 'xreadgroup', 'xgroup|create', 'xack', 'xdel'],
  ...['xgroup|delconsumer', 'xautoclaim', 'xclaim', 'xpending', 'xinfo|stream', 'xinfo|groups'],
];

export const REDIS_USERS: Readonly<Record<RedisUserName, RedisUser>> = {
  'rag-cache': {
    commands: [
      ...connection,
      // How full Redis is goes into the health of rag.
      'info',
      ...['get', 'mget', 'set', 'getdel', 'del', 'unlink', 'expire', 'pexpire', 'pttl', 'exists', 'incr'],
    ],
    keys: ['~xnai:cache:*'],
    channels: [],
  },
  'rag-breaker': breakerUser('rag'),
  crawler: { commands: crawlCommands, keys: ['~{xnai:crawl}:*', '~xnai:crawl:*'], channels: [] },
  'crawler-breaker': breakerUser('crawler'),
  monitor: {
    commands: [...connection, 'info', 'latency', 'slowlog|get', 'slowlog|len', 'acl|log', 'memory|stats'],
    keys: [],
    channels: [],
  },
};

/** The users of the servers themselves, where there are replicas and sentinels. */
export const REPLICATION_USERS: Readonly<Record<ReplicationUserName, RedisUser>> = {
  replica: { commands: ['psync', 'replconf', 'ping'], keys: [], channels: [] },
  sentinel: {
    commands: [
      ...[
        'ping',
        'info',
        'role',
        'multi',
        'exec',
        'slaveof',
        'replicaof',
        'config|rewrite',
        'client|setname',
      ],
      ...['client|kill', 'script|kill', 'subscribe', 'publish'],
    ],
    keys: [],
    channels: ['__sentinel__:hello'],
  },
};
