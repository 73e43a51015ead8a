import type { Redis } from 'ioredis';

/** Ids of work that is to be done at a time, shared by all replicas. */
export interface DueSet {
  add(id: string, atMs: number): Promise<void>;
  /** Takes ids that are due. Another replica gets one again when it is not put off or removed within `leaseMs`. */
  claim(count: number, leaseMs: number): Promise<string[]>;
  /** Does nothing for an id that was removed. */
  putOff(id: string, atMs: number): Promise<void>;
  remove(id: string): Promise<void>;
  size(): Promise<number>;
}

const CLAIM = `
local due = redis.call('ZRANGE', KEYS[1], '-inf', ARGV[1], 'BYSCORE', 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[3], id) end
return due`;

export function createDueSet(redis: Redis, key: string): DueSet {
  return {
    async add(id, atMs) {
      await redis.zadd(key, atMs, id);
    },
    async claim(count, leaseMs) {
      const nowMs = Date.now();
      return (await redis.eval(CLAIM, 1, key, nowMs, count, nowMs + leaseMs)) as string[];
    },
    async putOff(id, atMs) {
      await redis.zadd(key, 'XX', atMs, id);
    },
    async remove(id) {
      await redis.zrem(key, id);
    },
    size: () => redis.zcard(key),
  };
}
