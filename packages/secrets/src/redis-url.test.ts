import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { redisUrl } from './redis-url.ts';

it('names a socket so that ioredis connects to it', () => {
  const url = redisUrl('crawler', 'p@ss/word', { socketPath: '/dev/shm/a folder/redis.sock' });
  const redis = new Redis(url, { lazyConnect: true });
  expect(redis.options).toMatchObject({
    path: '/dev/shm/a folder/redis.sock',
    username: 'crawler',
    password: 'p@ss/word',
  });
});

it('names a host and port so that ioredis connects to it', () => {
  const redis = new Redis(redisUrl('monitor', 'secret', { host: 'redis', port: 6379 }), {
    lazyConnect: true,
  });
  expect(redis.options).toMatchObject({ host: 'redis', port: 6379, username: 'monitor', password: 'secret' });
});
