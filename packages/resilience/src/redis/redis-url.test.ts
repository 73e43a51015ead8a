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
  [
    'redis+sentinel://10.0.0.1,10.0.0.2:7000,[::1]:26380/main',
    {
      sentinels: [
        { host: '10.0.0.1', port: 26_379 },
        { host: '10.0.0.2', port: 7000 },
        { host: '::1', port: 26_380 },
      ],
      name: 'main',
    },
  ],
  [
    `redis+sentinel://${login}@s1/my-master.1/2?sentinelUser=app&sentinelPassword=p%40ss%2B`,
    {
      ...ann,
      db: 2,
      sentinels: [{ host: 's1', port: 26_379 }],
      name: 'my-master.1',
      sentinelUsername: 'app',
      sentinelPassword: 'p@ss+',
    },
  ],
  [
    'rediss+sentinel://:secret@s1.example/main?db=3',
    {
      password: 'secret',
      db: 3,
      sentinels: [{ host: 's1.example', port: 26_379 }],
      name: 'main',
      tls: {},
      sentinelTLS: {},
      enableTLSForSentinelMode: true,
    },
  ],
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
  ['redis+sentinel://s1,s2', /'' for the name of the master/],
  ['redis+sentinel://s1,s2/two words', /'two%20words' for the name of the master/],
  ['redis+sentinel:///main', /names no host/],
  ['redis+sentinel://s1,,s2/main', /names no host/],
  ['redis+sentinel://s1:0/main', /port 0/],
  ['redis+sentinel://s1/main/first', /'first' for the number of a database/],
  ['redis+sentinel://s1/main/1/2', /more after the name/],
  [
    'redis+sentinel://s1/main?path=/x',
    /a parameter 'path', may have only db and sentinelUser and sentinelPassword/,
  ],
  ['redis+sentinel://ann:a@b@s1/main#x', /a '#'/],
  ['redis+cluster://c1,c2', /'redis\+cluster:': Redis Cluster cannot be used, because .* different shards/],
  ['rediss+cluster://c1:7000', /Redis Cluster cannot be used/],
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
  'redis+sentinel://ann:hunter2@s1/',
  'redis+sentinel://s1/?sentinelPassword=hunter2',
  'redis+cluster://ann:hunter2@c1',
])('what is wrong with %s is said without its password', (url) => {
  expect(() => parseRedisUrl(url)).toThrow(/^the URL of Redis (?!.*hunter2)/);
});
