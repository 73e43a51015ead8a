import { Redis, type RedisOptions } from 'ioredis';

/** Without the one option that ioredis' own types refuse when it may be undefined. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

export interface RedisTarget {
  /** `redis://user:password@host:port/0`, `rediss://…`, `unix:///run/redis.sock`, with a login `unix://user:password@localhost/run/redis.sock`. */
  readonly url?: string;
  /** A unix socket; stands in place of `url`. */
  readonly path?: string;
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

/** Connects in the background once asked. Errors are told, never thrown. */
export const connect = (
  target: RedisTarget,
  options: ConnectionOptions,
  onError: (error: Error) => void,
): Redis => {
  const { url, path, ...login } = { ...socketOf(target.url), ...definedOf(target) };
  const all = { ...options, ...login };
  const client =
    path === undefined ? new Redis(url ?? 'redis://127.0.0.1:6379', all) : new Redis({ ...all, path });
  client.on('error', onError);
  return client;
};

/** ioredis would take a login in the URL of a socket for a part of its path. */
const socketOf = (url: string | undefined): RedisTarget => {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed === null || !/^(redis\+)?unix:$/.test(parsed.protocol)) return {};
  const { pathname, username, password } = parsed;
  return {
    path: decodeURIComponent(pathname),
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
  };
};

const definedOf = <T extends object>(fields: T) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
