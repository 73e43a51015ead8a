import type { Redis } from 'ioredis';
import { checksOf } from '../checks.ts';
import type { Store, StoreEvents } from '../store/store.ts';
import { parseView } from '../store/view.ts';
import { connect, fastFailing, type RedisTarget } from './connection.ts';
import { inTime } from './in-time.ts';
import { createRecords } from './records.ts';

export interface RedisStoreOptions extends RedisTarget {
  /** Before every key and channel. */
  readonly prefix?: string;
  /** A command that takes longer has failed, as far as breakers go. */
  readonly commandTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

/**
 * Breakers in Redis 7.0 or later, or Valkey: one hash per breaker, one channel, two connections.
 * @throws {ResilienceError} BAD_OPTIONS when there is a URL or an option that makes no sense
 */
export const createRedisStore = (options: RedisStoreOptions = {}): Store => {
  const { prefix = 'xnai:brk:', commandTimeoutMs = 50, onError = () => {} } = options;
  const check = checksOf('the store');
  check.known('', options, optionNames);
  check.ms('commandTimeoutMs', commandTimeoutMs);
  if (!/^[\w:.-]+$/.test(prefix)) check.refuse('prefix', prefix, 'must be of letters, digits and : . _ -');
  // Its own limit is the last resort: ours tells a slow store from a process that stood still.
  const limits = { ...fastFailing(commandTimeoutMs), commandTimeout: commandTimeoutMs * 10 };
  const client = connect(options, { ...limits, connectionName: 'breakers' }, onError);
  const subscriber = connect(options, { ...fastFailing(1_000), connectionName: 'breaker-events' }, onError);
  const records = createRecords(client, { prefix });
  const limited =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      inTime(call(...args), commandTimeoutMs);
  const read = limited(records.read);

  return {
    send: limited(records.send),
    members: limited(records.members),
    announce: limited(records.announce),
    audit: limited(records.audit),

    start(events) {
      listen(subscriber, records.channel, events);
      client.on('ready', events.onReady);
      for (const one of [client, subscriber]) one.connect().catch(onError);
    },

    async read(targets) {
      // The subscriber has nothing else to notice a dead connection by.
      if (subscriber.status === 'ready') subscriber.ping().catch(onError);
      return read(targets);
    },

    async close() {
      client.disconnect();
      subscriber.disconnect();
    },
  };
};

const optionNames = [
  'url',
  'path',
  'username',
  'password',
  'prefix',
  'commandTimeoutMs',
  'onError',
] satisfies (keyof RedisStoreOptions)[];

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
  onView(message.name.slice(0, cut), message.name.slice(cut + 1), message.view);
};
