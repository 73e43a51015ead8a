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

  it.each([
    'redis://crawler:p%40ss@localhost?path=%2Fdev%2Fshm%2Fx%2Fredis.sock',
    'unix://crawler:p%40ss@localhost/dev/shm/x/redis.sock',
    'redis+unix://crawler:p%40ss@localhost/dev/shm/x/redis.sock',
  ])('reads the path of a socket in %s', (url) => {
    expect(parseRedisUrl(url)).toEqual({
      username: 'crawler',
      password: 'p@ss',
      path: '/dev/shm/x/redis.sock',
      db: 0,
    });
  });

  it('reads a socket without a login', () => {
    expect(parseRedisUrl('unix:///run/redis.sock?db=2')).toEqual({ path: '/run/redis.sock', db: 2 });
  });

  it('falls back to the usual port', () => {
    expect(parseRedisUrl('redis://[::1]')).toEqual({ host: '::1', port: 6379, db: 0 });
  });

  it.each(['http://x', 'unix://', 'redis://', 'redis://x/y', 'not a url'])('refuses %s', (text) => {
    expect(() => parseRedisUrl(text)).toThrow();
  });
});
