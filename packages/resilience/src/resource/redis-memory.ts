import { connectRedis, fastFailing } from '../redis/connection.ts';
import type { ResourceSource } from './source.ts';
import { redisMemory } from './sources.ts';

/** A server's memory over a connection of its own, whose user needs `+info`; unknown while it cannot be asked. */
export const openRedisMemory = (url: string): ResourceSource & AsyncDisposable => {
  const client = connectRedis(url, { ...fastFailing(500), connectionName: 'memory' });
  client.connect().catch(() => {});
  return {
    ...redisMemory(() => client.info('memory')),
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
};
