import type { RedisUserName } from './redis-users.ts';

export type RedisAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/**
 * A login as the URL that ioredis takes. A socket's path goes into the query, as a URL with credentials must
 * name a host.
 *
 * @example redisUrl('crawler', 'secret', { socketPath: '/run/xnai/redis.sock' })
 */
export function redisUrl(user: RedisUserName, password: string, address: RedisAddress): string {
  const login = `${user}:${encodeURIComponent(password)}`;
  if ('socketPath' in address) {
    return `redis://${login}@localhost?path=${encodeURIComponent(address.socketPath)}`;
  }
  return `redis://${login}@${address.host}:${address.port}`;
}
