import { WebhookDelivery } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { WEBHOOKS_KEY } from '../ledger/scripts.ts';
import { createDueSet, type DueSet } from '../redis/due-set.ts';

/** Where the delivery of a crawl's events stands. */
export interface WebhookState {
  /** The last event that was delivered or not wanted; undefined before the first. */
  readonly after: string | undefined;
  /** Failed attempts to deliver the next one. */
  readonly failures: number;
}

/** The crawls whose events are still to be delivered, shared by all replicas, each with the time of its next attempt. */
export interface WebhookQueue {
  readonly due: DueSet;
  state(crawlId: string): Promise<WebhookState>;
  /** Notes that the event needs no delivery any more, and keeps the crawl for `leaseMs`. */
  advance(crawlId: string, eventId: string, leaseMs: number): Promise<void>;
  fail(crawlId: string): Promise<void>;
  log(crawlId: string, delivery: WebhookDelivery): Promise<void>;
  deliveries(crawlId: string, start: number, count: number): Promise<WebhookDelivery[]>;
}

const MAX_LOGGED = 2000;

/** @param keepS how long state and log are kept after the last change, in seconds */
export function createWebhookQueue(redis: Redis, keepS: number): WebhookQueue {
  const stateKey = (id: string) => `${WEBHOOKS_KEY}:state:${id}`;
  const logKey = (id: string) => `${WEBHOOKS_KEY}:log:${id}`;
  return {
    due: createDueSet(redis, WEBHOOKS_KEY),
    async state(id) {
      const [after, failures] = await redis.hmget(stateKey(id), 'after', 'failures');
      return { after: after ?? undefined, failures: Number(failures ?? 0) };
    },
    async advance(id, eventId, leaseMs) {
      await redis
        .multi()
        .hset(stateKey(id), 'after', eventId, 'failures', 0)
        .expire(stateKey(id), keepS)
        .zadd(WEBHOOKS_KEY, 'XX', Date.now() + leaseMs, id)
        .exec();
    },
    async fail(id) {
      await redis.multi().hincrby(stateKey(id), 'failures', 1).expire(stateKey(id), keepS).exec();
    },
    async log(id, delivery) {
      await redis
        .multi()
        .rpush(logKey(id), JSON.stringify(delivery))
        .ltrim(logKey(id), -MAX_LOGGED, -1)
        .expire(logKey(id), keepS)
        .exec();
    },
    async deliveries(id, start, count) {
      const rows = await redis.lrange(logKey(id), start, start + count - 1);
      return rows.map((row) => WebhookDelivery.parse(JSON.parse(row)));
    },
  };
}
