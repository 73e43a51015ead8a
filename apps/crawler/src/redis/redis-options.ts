import type { RedisOptions } from 'ioredis';

const SCHEMES = ['redis:', 'rediss:', 'unix:', 'redis+unix:'];

/**
 * Reads `redis[s]://user:password@host:port/db`, `redis://user:password@localhost?path=/to/redis.sock` or
 * `unix:///to/redis.sock` into ioredis options. Throws when the text is none of these.
 */
export function parseRedisUrl(text: string): RedisOptions {
  const url = new URL(text);
  if (!SCHEMES.includes(url.protocol)) throw new Error(`expected one of ${SCHEMES.join(' ')}`);
  const common = { ...loginOf(url), db: dbOf(url) };
  const path = socketOf(url);
  if (path !== undefined) return { ...common, path };
  if (url.hostname === '') throw new Error('expected a host, or the path of a socket');
  return {
    ...common,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 6379 : Number(url.port),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function isSocket(url: URL): boolean {
  return url.protocol === 'unix:' || url.protocol === 'redis+unix:';
}

function socketOf(url: URL): string | undefined {
  if (!isSocket(url)) return url.searchParams.get('path') ?? undefined;
  if (url.pathname.length < 2) throw new Error('expected the path of a socket');
  return decodeURIComponent(url.pathname);
}

function dbOf(url: URL): number {
  const text = url.searchParams.get('db') ?? (isSocket(url) ? '' : url.pathname.slice(1));
  if (!/^\d*$/.test(text)) throw new Error('expected the number of a database');
  return Number(text);
}

function loginOf(url: URL): RedisOptions {
  return {
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
  };
}
