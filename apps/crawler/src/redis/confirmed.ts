import type { Redis } from 'ioredis';

/** No replica has said in time that it has a write: it may outlive the master or not, and must be repeated. */
export class NotConfirmed extends Error {
  readonly code = 'NOT_CONFIRMED';
  constructor() {
    super('no replica of Redis has confirmed the write');
    this.name = 'NotConfirmed';
  }
}

const REPLICAS = 1;
/** Within the time that a request waits for Redis. */
const WAIT_MS = 500;

/**
 * Resolves once a replica has all that this work has written, so that a failover does not lose it. Without sentinels there is
 * none, and nothing to wait for.
 * @throws {NotConfirmed}
 */
export async function confirmed<T>(redis: Redis, work: () => Promise<T>): Promise<T> {
  if (!redis.options.sentinels) return work();
  const { stream } = redis;
  const answer = await work();
  // A connection to the next master would confirm what that one has, without this.
  if (redis.stream !== stream || !(await hasReplica(redis))) throw new NotConfirmed();
  return answer;
}

/** Whether a replica has all that the server had done when the last command of this connection was over. */
async function hasReplica(redis: Redis): Promise<boolean> {
  return (await redis.wait(REPLICAS, WAIT_MS)) >= REPLICAS;
}
