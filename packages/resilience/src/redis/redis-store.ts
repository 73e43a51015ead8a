import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseOptions, timeMs } from '../options/parse.ts';
import type { BreakerStore, StoreEvents } from '../store/store.ts';
import { parseView } from '../store/view.ts';
import { connectRedis, fastFailing } from './connection.ts';
import { faultOf } from './fault.ts';
import { inTime } from './in-time.ts';
import { createRecords } from './records.ts';

const storeOptions = z.strictObject({
  /** In one of the forms that `parseRedisUrl` reads. */
  url: z.string().default('redis://127.0.0.1:6379'),
  /** A command that takes longer has failed, as far as breakers go. */
  commandTimeoutMs: timeMs.default(50),
});

export type RedisStoreOptions = z.input<typeof storeOptions>;

/**
 * Breakers in Redis 7.0 or later, or Valkey: one hash per breaker, one channel, two connections.
 * @throws {ResilienceError} BAD_OPTIONS when there is a URL or an option that makes no sense
 */
export const createRedisStore = (options: RedisStoreOptions = {}): BreakerStore => {
  const { url, commandTimeoutMs } = parseOptions(storeOptions, 'the store', options);
  // Its own limit is the last resort: ours tells a slow store from a process that stood still.
  const limits = { ...fastFailing(commandTimeoutMs), commandTimeout: commandTimeoutMs * 10 };
  const client = connectRedis(url, { ...limits, connectionName: 'breakers' });
  const subscriber = connectRedis(url, { ...fastFailing(1_000), connectionName: 'breaker-events' });
  const records = createRecords(client);
  const limited =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      inTime(call(...args), commandTimeoutMs).catch((error: unknown) => {
        const fault = client.status === 'ready' ? undefined : faultOf(client);
        throw fault === undefined ? error : new Error(`Redis cannot be used: ${fault}`, { cause: error });
      });
  const read = limited(records.read);

  return {
    send: limited(records.send),
    members: limited(records.members),
    announce: limited(records.announce),
    audit: limited(records.audit),

    start(events) {
      listen(subscriber, records.channel, events);
      client.on('ready', events.onReady);
      for (const one of [client, subscriber]) one.connect().catch(ignore);
    },

    async read(targets) {
      // The subscriber has nothing else to notice a dead connection by.
      if (subscriber.status === 'ready') subscriber.ping().catch(ignore);
      return read(targets);
    },

    async close() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
};

/** A failed command reports what is wrong with the connection. */
const ignore = () => {};

const listen = (subscriber: Redis, channel: string, events: StoreEvents) => {
  subscriber.on('ready', () => {
    // Messages that were missed before the subscription are made up for by a read.
    subscriber.subscribe(channel).then(events.onReady, () => subscriber.disconnect(true));
  });
  subscriber.on('message', (_channel: string, text: string) => {
    hear(text, events);
  });
};

/** Tells of a message, if it is one. */
export const hear = (text: string, { onView }: Pick<StoreEvents, 'onView'>): void => {
  const message = parseView(text);
  const cut = message?.name.indexOf(':') ?? -1;
  if (message === undefined || cut < 0) return;
  const { name, ...view } = message;
  onView(name.slice(0, cut), name.slice(cut + 1), view);
};
