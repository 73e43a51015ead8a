import type { HostAddress } from './redis-config.ts';
import type { RedisUserName } from './redis-users.ts';

export type RedisAddress =
  | { readonly socketPath: string }
  | HostAddress
  | { readonly sentinels: readonly HostAddress[]; readonly name: string; readonly sentinelPassword: string };

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
  if ('sentinels' in address) {
    const hosts = address.sentinels.map(({ host, port }) => `${host}:${port}`).join(',');
    const password = encodeURIComponent(address.sentinelPassword);
    return `redis+sentinel://${login}@${hosts}/${address.name}?sentinelPassword=${password}`;
  }
  return `redis://${login}@${address.host}:${address.port}`;
}
