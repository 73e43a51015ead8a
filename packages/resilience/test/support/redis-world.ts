import { startRedis, type TestRedis } from '@xnai/testing';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { createRecords, type Records } from '../../src/redis/records.ts';
import { hear } from '../../src/redis/redis-store.ts';
import { readScripts } from '../../src/redis/scripts.ts';
import type { StoreEvents } from '../../src/store/store.ts';
import { createFakeClock } from '../../src/testing/index.ts';
import { recordOf } from './record-of.ts';
import type { WorldBackend, WorldStore } from './world-backend.ts';

const prefix = 'xnai:brk:';
const clockKey = 'world:clock';
const fence = 'world:fence';
/** The store's clock is no replica's clock: nothing may work only because they agree. */
const epochMs = 1_700_000_000_000;

/** A simulated fleet's store: the real scripts, records and messages in a real Redis, whose clock is held still. */
const createRedisWorld = async (client: Redis): Promise<WorldBackend & AsyncDisposable> => {
  await client.flushall();
  const subscriber = client.duplicate();
  const stores = new Set<RedisWorldStore>();
  const traffic = new Traffic(client);
  const clock = createFakeClock(1_000, { idle: () => traffic.calm() });
  const records = createRecords(client, {
    scriptsOf: () => readScripts({ clock: `local now = tonumber(redis.call('GET', '${clockKey}'))` }),
    time: { ask: (pipeline) => pipeline.get(clockKey), read: Number },
  });
  subscriber.on('message', (channel: string, text: string) => {
    if (channel === fence) traffic.passed(text);
    else for (const store of stores) store.hear(text);
  });
  await subscriber.subscribe(records.channel, fence);

  const backend = {
    clock,
    skewMs: 0,
    connect() {
      const answer = <T>(run: () => Promise<T>) =>
        traffic.count(async () => {
          // Commands of one connection keep their order: this is the time of the next.
          void client.set(clockKey, Math.floor(clock.nowMs() + epochMs + backend.skewMs));
          return await run();
        });
      const store = new RedisWorldStore(records, answer);
      stores.add(store);
      return store;
    },
    async empty() {
      await client.flushall();
      await client.script('FLUSH');
    },
    async circuit(service: string, breaker: string) {
      const fields = await traffic.count(() => client.hgetall(`${prefix}{${service}:${breaker}}`));
      return Object.keys(fields).length === 0 ? undefined : recordOf(fields);
    },
    async [Symbol.asyncDispose]() {
      subscriber.disconnect();
    },
  };
  return backend;
};

/** A server for a whole suite, emptied for each world. */
export const overRedis = (suite: (open: () => Promise<WorldBackend & AsyncDisposable>) => void): void => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  suite(() => createRedisWorld(server.client));
};

/** What is on its way: time stands still until all commands are answered and all messages have arrived. */
class Traffic {
  readonly #client: Redis;
  readonly #underway = new Set<Promise<unknown>>();
  #sent = 0;
  #fenced = 0;
  #arrived: (() => void) | undefined;

  constructor(client: Redis) {
    this.#client = client;
  }

  count<T>(run: () => Promise<T>): Promise<T> {
    this.#sent++;
    const running = run();
    const settled = running.catch(() => {}).finally(() => this.#underway.delete(settled));
    this.#underway.add(settled);
    return running;
  }

  async calm(): Promise<boolean> {
    if (this.#sent === this.#fenced) return false;
    while (this.#underway.size > 0) await Promise.all(this.#underway);
    this.#fenced = this.#sent;
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    await this.#client.publish(fence, String(this.#fenced));
    await arrived;
    return true;
  }

  passed(text: string): void {
    if (text === String(this.#fenced)) this.#arrived?.();
  }
}

class RedisWorldStore implements WorldStore {
  deaf = false;
  dropReplies = false;
  #down = false;
  #events: StoreEvents | undefined;
  readonly #records: Records;
  readonly #answer: <T>(run: () => Promise<T>) => Promise<T>;

  constructor(records: Records, answer: <T>(run: () => Promise<T>) => Promise<T>) {
    this.#records = records;
    this.#answer = answer;
  }

  get down(): boolean {
    return this.#down;
  }

  set down(down: boolean) {
    const back = this.#down && !down;
    this.#down = down;
    if (back) queueMicrotask(() => this.#events?.onReady());
  }

  start(events: StoreEvents): void {
    this.#events = events;
    if (!this.#down) queueMicrotask(events.onReady);
  }

  hear(text: string): void {
    if (!this.#down && !this.deaf && this.#events !== undefined) hear(text, this.#events);
  }

  read: Records['read'] = (targets) => this.#ask(() => this.#records.read(targets));
  send: Records['send'] = (target, command) => this.#ask(() => this.#records.send(target, command));
  members: Records['members'] = (family) => this.#ask(() => this.#records.members(family));
  announce: Records['announce'] = (...said) => this.#ask(() => this.#records.announce(...said));
  audit: Records['audit'] = (count) => this.#ask(() => this.#records.audit(count));

  async close(): Promise<void> {
    this.#events = undefined;
  }

  async #ask<T>(run: () => Promise<T>): Promise<T> {
    if (this.#down) throw new Error('the store is down');
    const result = await this.#answer(run);
    if (this.dropReplies) throw new Error('the answer was lost');
    return result;
  }
}
