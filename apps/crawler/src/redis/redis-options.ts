import type { RedisOptions } from 'ioredis';

const SCHEMES = ['redis:', 'rediss:', 'unix:', 'redis+unix:'];

/**
 * Reads `redis[s]://user:password@host:port/db`, `redis://user:password@localhost?path=/path/to/redis.sock` or
 * `unix://user:password@localhost/path/to/redis.sock?db=0` into ioredis options. Throws when the text is none.
 */
export function parseRedisUrl(text: string): RedisOptions {
  const url = new URL(text);
  if (!SCHEMES.includes(url.protocol)) throw new Error(`expected one of ${SCHEMES.join(' ')}`);
  const login = loginOf(url);
  if (url.protocol === 'unix:' || url.protocol === 'redis+unix:') {
    if (url.pathname.length < 2) throw new Error('expected the path of a socket');
    return { ...login, path: decodeURIComponent(url.pathname), db: Number(url.searchParams.get('db') ?? 0) };
  }
  const socketPath = url.searchParams.get('path');
  if (socketPath !== null) return { ...login, path: socketPath };
  if (url.hostname === '') throw new Error('expected a host');
  return {
    ...login,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(url.pathname.slice(1) || 0),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function loginOf(url: URL): RedisOptions {
  return {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}
