import { connect, fastFailing, type RedisTarget } from '../redis/connection.ts';
import type { ResourceSource } from './source.ts';
import { redisMemory } from './sources.ts';

/** A server's memory over a connection of its own, whose user needs `+info`; unknown while it cannot be asked. */
export const openRedisMemory = (target: RedisTarget): ResourceSource & AsyncDisposable => {
  const client = connect(target, { ...fastFailing(500), connectionName: 'memory' }, () => {});
  client.connect().catch(() => {});
  return {
    ...redisMemory(() => client.info('memory')),
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
};
