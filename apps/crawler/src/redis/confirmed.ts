import type { Redis } from 'ioredis';
import { ReplicaGroup } from './replica-group.ts';

/** The replicas have not said in time that they have a write: it may outlive the master or not, and must be repeated. */
export class NotConfirmed extends Error {
  readonly code = 'NOT_CONFIRMED';
  constructor() {
    super('the replicas of Redis have not confirmed the write');
    this.name = 'NotConfirmed';
  }
}

/** Twice, and what the sentinels are asked after it, are within the time that a request waits for Redis. */
const WAIT_MS = 250;

const groups = new WeakMap<Redis, ReplicaGroup>();

/**
 * Resolves once the replicas have all that this work has written, so that a failover does not lose it. Without sentinels there
 * is none, and nothing to wait for.
 * @throws {NotConfirmed}
 */
export async function confirmed<T>(redis: Redis, work: () => Promise<T>): Promise<T> {
  if (!redis.options.sentinels) return work();
  const { stream } = redis;
  const answer = await work();
  const group = groups.get(redis) ?? new ReplicaGroup(redis.options);
  groups.set(redis, group);
  const isKept = await isConfirmed(redis, group);
  // A connection to the next master confirms what that one has, without this.
  if (!isKept || redis.stream !== stream) throw new NotConfirmed();
  return answer;
}

/** Whether the replicas have all that the server had done when the last command of this connection was over. */
async function isConfirmed(redis: Redis, group: ReplicaGroup): Promise<boolean> {
  const { enough, prompt } = await group.needed();
  if (!Number.isFinite(enough)) return false;
  const confirmations = (await redis.wait(prompt, WAIT_MS)) || (await redis.wait(1, WAIT_MS));
  return confirmations >= enough || (confirmations > 0 && (await group.isKept(confirmations)));
}
