import { parseRedisUrl } from '@xnai/resilience';
import { Redis, type RedisOptions } from 'ioredis';

/** Reconnects for ever, so that a service started before its Redis joins by itself within two seconds. */
const COMMON: RedisOptions = {
  retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
  connectTimeout: 2000,
  // Both need rights that the crawler's user does not have.
  enableReadyCheck: false,
  disableClientInfo: true,
};

/** A command fails at once while Redis is away, and its caller decides whether to wait. */
export function connectRedis(url: string, connectionName: string, commandTimeoutMs: number): Redis {
  const failFast = { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: commandTimeoutMs };
  return open({ ...parseRedisUrl(url), ...COMMON, ...failFast, connectionName });
}

/** For BullMQ's worker, which blocks on Redis and waits for it by itself. */
export function connectForBlocking(url: string, connectionName: string): Redis {
  return open({ ...parseRedisUrl(url), ...COMMON, connectionName, maxRetriesPerRequest: null });
}

function open(options: RedisOptions): Redis {
  const redis = new Redis({ ...options, replyMapping: 'legacy' });
  // What uses the connection reports its failures; without a listener ioredis prints them to stderr.
  redis.on('error', () => {});
  return redis;
}
