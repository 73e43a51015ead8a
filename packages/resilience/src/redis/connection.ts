import { Redis, type RedisOptions } from 'ioredis';
import { ResilienceError } from '../errors.ts';
import { parseRedisUrl, type RedisAddress } from './redis-url.ts';

/** Without the one option that ioredis' own types refuse when it may be undefined. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Where a Redis is: a URL, or the path of a socket; `redis://127.0.0.1:6379` without either. */
export interface RedisTarget {
  /** One of the forms that `parseRedisUrl` reads. */
  readonly url?: string;
  /** Of a unix socket. */
  readonly path?: string;
  /** In place of what the URL says. */
  readonly username?: string;
  readonly password?: string;
}

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
 * Connects in the background once asked. Errors are told, never thrown.
 * @throws {ResilienceError} BAD_OPTIONS when the target makes no sense.
 */
export const connect = (
  target: RedisTarget,
  options: ConnectionOptions,
  onError: (error: Error) => void,
): Redis => {
  const client = new Redis({ ...options, ...addressOf(target) });
  client.on('error', onError);
  return client;
};

const addressOf = ({ url, path, username, password }: RedisTarget): RedisAddress => {
  if (url !== undefined && path !== undefined) {
    throw new ResilienceError('BAD_OPTIONS', { message: 'a Redis has a url or a path, not both' });
  }
  return {
    ...(path === undefined ? parseRedisUrl(url ?? 'redis://127.0.0.1:6379') : { path }),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
};
