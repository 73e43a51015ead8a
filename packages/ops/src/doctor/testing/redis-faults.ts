import type { Fault } from './fault.ts';

export const REDIS_FAULTS: readonly Fault[] = [
  [
    'no Redis for npm start',
    'warning',
    /crawls nothing/,
    'apt install redis-server',
    ({ program }) => {
      program('podman', undefined);
      program('redis-server', undefined);
    },
  ],
  [
    'an old Redis',
    'warning',
    /redis-server 7 or newer/,
    'apt install redis-server',
    ({ program }) => {
      program('podman', undefined);
      program('redis-server', { '--version': { out: 'Redis server v=6.0.16 sha=0' } });
    },
  ],
  [
    'a Redis that cannot be reached',
    'error',
    /cannot be reached/,
    'redis-cli -u',
    ({ set }) => set('REDIS_URL', 'redis://127.0.0.1:1'),
  ],
];
