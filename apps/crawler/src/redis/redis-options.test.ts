import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-options.ts';

describe('parseRedisUrl', () => {
  it('reads host, port, login and database', () => {
    expect(parseRedisUrl('redis://crawler:p%40ss@10.0.0.2:7000/3')).toEqual({
      username: 'crawler',
      password: 'p@ss',
      host: '10.0.0.2',
      port: 7000,
      db: 3,
    });
  });

  it.each(['unix:', 'redis+unix:'])('reads a socket path after %s', (scheme) => {
    expect(parseRedisUrl(`${scheme}//crawler:secret@/dev/shm/x/redis.sock`)).toEqual({
      username: 'crawler',
      password: 'secret',
      path: '/dev/shm/x/redis.sock',
      db: 0,
    });
  });

  it('falls back to the usual port', () => {
    expect(parseRedisUrl('redis://[::1]')).toEqual({ host: '::1', port: 6379, db: 0 });
  });

  it.each(['http://x', 'unix://', 'not a url'])('refuses %s', (text) => {
    expect(() => parseRedisUrl(text)).toThrow();
  });
});
