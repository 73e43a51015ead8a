import { Redis, type RedisOptions } from 'ioredis';
import { noteFaults } from './fault.ts';
import { parseRedisUrl } from './redis-url.ts';
import { WatchedConnector } from './watched-connector.ts';

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
 * Connects in the background once asked: to the server of the URL, or to the master that its sentinels name, and to the next
 * master after a failover. A command reports its own failure.
 * @throws {ResilienceError} BAD_OPTIONS when the URL makes no sense
 */
export const connectRedis = (url: string, options: ConnectionOptions): Redis => {
  const address = parseRedisUrl(url);
  const client = new Redis(
    'sentinels' in address
      ? // ioredis wants the sentinels in an array of its own.
        { ...failover(options), ...options, ...address, sentinels: [...address.sentinels] }
      : { ...options, ...address },
  );
  // Without a listener ioredis prints its errors.
  client.on('error', () => {});
  noteFaults(client);
  return client;
};

/** What a connection through sentinels needs: it leaves a master that is none any more, and finds the next one. */
const failover = ({ connectTimeout }: ConnectionOptions): ConnectionOptions => ({
  Connector: WatchedConnector,
  failoverDetector: true,
  sentinelCommandTimeout: connectTimeout,
  sentinelRetryStrategy: () => 100 + Math.random() * 400,
  sentinelReconnectStrategy: () => 500 + Math.random() * 500,
  reconnectOnError: (error) => NO_MASTER.test(error.message),
});

/** Replies of a replica, of a master that became one, and of one that lost its replicas, as where it was cut off. */
const NO_MASTER = /^(READONLY|UNBLOCKED|NOREPLICAS|MASTERDOWN)/;
