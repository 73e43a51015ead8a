import type { Redis } from 'ioredis';
import type { ClosableQueue, CrawlQueue } from './queue.ts';

/**
 * A queue that is opened once Redis is there for the first time: BullMQ's own would hold calls back until
 * then, and carry them out long after they were answered with an error.
 */
export function openLate(redis: Redis, open: () => ClosableQueue): ClosableQueue {
  let queue: ClosableQueue | undefined;
  const onReady = () => {
    queue ??= open();
  };
  if (redis.status === 'ready') onReady();
  else redis.on('ready', onReady);

  const opened = (): CrawlQueue => {
    if (queue === undefined) throw new Error('Connection is closed.');
    return queue;
  };
  return {
    add: async (id, deadline) => opened().add(id, deadline),
    remove: async (id) => opened().remove(id),
    has: async (id) => opened().has(id),
    async close() {
      redis.off('ready', onReady);
      await queue?.close();
    },
  };
}
