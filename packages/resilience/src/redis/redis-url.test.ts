import { expect, test } from 'vitest';
import { createRedisStore, ResilienceError } from '../index.ts';
import { type ParsedRedisUrl, parseRedisUrl } from './redis-url.ts';

const ann = { username: 'ann', password: 'p@ss/word' };
const login = 'ann:p%40ss%2Fword';

test.each<[string, ParsedRedisUrl]>([
  ['redis://10.0.0.2', { host: '10.0.0.2', port: 6379 }],
  ['redis://redis:7000/3', { host: 'redis', port: 7000, db: 3 }],
  ['redis://redis:7000?db=3', { host: 'redis', port: 7000, db: 3 }],
  ['redis://[::1]:7000', { host: '::1', port: 7000 }],
  [`redis://${login}@redis`, { ...ann, host: 'redis', port: 6379 }],
  ['redis://:secret@redis/', { password: 'secret', host: 'redis', port: 6379 }],
  [`rediss://${login}@redis.example:6380`, { ...ann, host: 'redis.example', port: 6380, tls: {} }],
  [`redis://${login}@localhost?path=%2Frun%2Fa%20b%2Fredis.sock`, { ...ann, path: '/run/a b/redis.sock' }],
  ['redis://localhost?path=/run/redis.sock&db=2', { path: '/run/redis.sock', db: 2 }],
  ['unix:///run/redis.sock', { path: '/run/redis.sock' }],
  ['unix:///run/redis.sock?db=2', { path: '/run/redis.sock', db: 2 }],
  [`unix://${login}@localhost/run/a%20b/redis.sock`, { ...ann, path: '/run/a b/redis.sock' }],
  [`redis+unix://${login}@localhost/run/redis.sock`, { ...ann, path: '/run/redis.sock' }],
])('%s is read', (text, address) => {
  expect(parseRedisUrl(text)).toEqual(address);
});

test.each<[string, RegExp]>([
  ['', /cannot be read/],
  ['redis', /cannot be read/],
  ['/run/redis.sock', /cannot be read/],
  ['redis:6379', /names no host/],
  ['redis://', /names no host/],
  ['http://redis', /begins with 'http:'/],
  ['redis://redis:0', /port 0/],
  ['redis://redis:70000', /cannot be read/],
  ['redis://redis/first', /'first' for the number of a database/],
  ['redis://redis?db=-1', /'-1' for the number of a database/],
  ['redis://redis?timeout=5', /a parameter 'timeout'/],
  ['redis://localhost?path=redis.sock', /'redis.sock' for the path/],
  ['unix://run/redis.sock', /a host 'run' before its path/],
  ['unix://', /'' for the path/],
  ['redis://ann:50%@redis', /a password that is not percent-encoded/],
  ['redis://ann:a/b@redis', /cannot be read/],
  ['redis://redis#6379', /a '#'/],
])('%s is refused when the store is made', (url, why) => {
  const make = () => createRedisStore({ url });
  expect(make).toThrow(ResilienceError);
  expect(make).toThrow(why);
});

test.each([
  'http://ann:hunter2@redis',
  'redis://ann:hunter2@redis?x=1',
  'redis://ann:hunter2@',
  'unix://ann:hunter2@run/redis.sock',
])('what is wrong with %s is said without its password', (url) => {
  expect(() => parseRedisUrl(url)).toThrow(/^the URL of Redis (?!.*hunter2)/);
});
