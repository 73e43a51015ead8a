import { Redis, type RedisOptions } from 'ioredis';
import { parseRedisUrl } from './redis-url.ts';

/** Without the one option that ioredis' own types refuse when it may be undefined. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/**
 * Options with which a Redis that is stopped, hung or gone costs a command 50 ms and no more. With ioredis' own
 * defaults, a command to a dead server fails after more than a minute.
 */
export const fastFailing = (commandTimeoutMs = 50): ConnectionOptions => ({
  lazyConnect: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  autoResubscribe: false,
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  socketTimeout: Math.max(1_000, commandTimeoutMs * 2),
  connectTimeout: 1_000,
  // INFO needs rights that a breaker's user should not have; a server still loading answers commands so.
  enableReadyCheck: false,
  disableClientInfo: true,
  // Spread over more than half a second, so that a fleet does not come back as one; within the two seconds to join.
  retryStrategy: () => 100 + Math.random() * 900,
});

/**
 * Connects in the background once asked. A command reports its own failure.
 * @throws {ResilienceError} BAD_OPTIONS when the URL makes no sense
 */
export const connectRedis = (url: string, options: ConnectionOptions): Redis => {
  const client = new Redis({ ...options, ...parseRedisUrl(url) });
  // Without a listener ioredis prints its errors.
  client.on('error', () => {});
  return client;
};
