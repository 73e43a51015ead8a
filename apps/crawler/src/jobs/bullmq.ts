import { fromJobData, toJobData } from '@xnai/resilience';
import { type Job, Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type ClosableQueue, type CrawlWorker, JobLost, type WorkOptions } from './queue.ts';

const NAME = 'crawls';
const PREFIX = '{xnai:crawl}';
/** Jobs are removed when they end: one is an id and a deadline, and the ledger keeps the rest. */
const REMOVE = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
/** How often a crawl may lose its worker before BullMQ gives up on it. */
const MAX_STALLED = 20;

/** @param redis fails at once while Redis is away; ready at this moment */
export function createBullQueue(redis: Redis, onError: (error: unknown) => void): ClosableQueue {
  const queue = new Queue(NAME, {
    connection: redis,
    prefix: PREFIX,
    defaultJobOptions: { attempts: 1, ...REMOVE },
    streams: { events: { maxLen: 1000 } },
  });
  queue.on('error', onError);
  return {
    async add(id, deadline) {
      await queue.add('crawl', toJobData(deadline), { jobId: id });
    },
    async remove(id) {
      return (await queue.remove(id)) === 1;
    },
    async has(id) {
      const state = await queue.getJobState(id);
      return state !== 'unknown';
    },
    close: () => queue.close(),
  };
}

/** @param redis waits for Redis; BullMQ makes a second connection like it for blocking */
export function startBullWorker(redis: Redis, options: WorkOptions): CrawlWorker {
  const { concurrency, lockMs, work, onError } = options;
  const closing = new AbortController();
  const lost = new Map<string, AbortController>();

  async function process(job: Job, token: string | undefined): Promise<void> {
    const id = job.id ?? '';
    const owned = new AbortController();
    lost.set(id, owned);
    try {
      const queued = { id, deadline: fromJobData(job.data) };
      const result = await work(queued, AbortSignal.any([owned.signal, closing.signal]));
      if (result === 'done') return;
    } finally {
      if (lost.get(id) === owned) lost.delete(id);
    }
    await job.moveToWait(token);
    throw new WaitingError();
  }

  const worker = new Worker(NAME, process, {
    connection: redis,
    prefix: PREFIX,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: Math.round(lockMs / 2),
    maxStalledCount: MAX_STALLED,
    drainDelay: 2,
    // After an error such as a Redis that was restarted: BullMQ would wait for 15 seconds.
    runRetryDelay: 1000,
    ...REMOVE,
  });
  worker.on('error', onError);
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) lost.get(id)?.abort(new JobLost());
  });
  return {
    async close() {
      await worker.pause(true);
      closing.abort(new Error('the service is stopping'));
      await worker.close();
      redis.disconnect();
    },
  };
}
