import { type Deadline, fromJobData, toJobData } from '@xnai/resilience';
import { continueTrace, currentTrace, inSpan, SpanKind } from '@xnai/service/trace';
import { type Job, Queue, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

const NAME = 'crawls';
const PREFIX = '{xnai:crawl}';
/** Jobs are removed when they end: a job holds an id and a deadline, and the ledger keeps the rest. */
const REMOVE = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };
/** BullMQ fails a job after this number of stalls, each of which means that its worker was lost. */
const MAX_STALLED = 20;

/** The queue of crawls that wait for a worker. It holds each crawl once, by its id. */
export interface CrawlQueue {
  /** Adds a crawl with its deadline; does nothing when the queue holds it already. */
  add(id: string, deadline: Deadline): Promise<void>;
  /** Removes a waiting crawl; false when a worker has taken it, or when it is not in the queue. */
  remove(id: string): Promise<boolean>;
  has(id: string): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * A queue whose calls fail at once until Redis is first connected: BullMQ would hold them back, and carry them out long
 * after their requests were answered with an error.
 *
 * @param redis a connection that fails commands at once while Redis is away
 */
export function openQueue(redis: Redis, onError: (error: unknown) => void): CrawlQueue {
  let queue: Queue | undefined;
  const onReady = () => {
    queue ??= createQueue(redis).on('error', onError);
  };
  if (redis.status === 'ready') onReady();
  else redis.on('ready', onReady);

  const opened = () => {
    if (queue === undefined) throw new Error('Connection is closed.');
    return queue;
  };
  return {
    async add(id, deadline) {
      const options = { kind: SpanKind.PRODUCER, attributes: attributesOf(id) };
      await inSpan(`send ${NAME}`, options, () =>
        opened().add('crawl', { ...toJobData(deadline), trace: currentTrace() }, { jobId: id }),
      );
    },
    remove: async (id) => (await opened().remove(id)) === 1,
    has: async (id) => (await opened().getJobState(id)) !== 'unknown',
    async close() {
      redis.off('ready', onReady);
      await queue?.close();
    },
  };
}

/** The trace in which the crawl was submitted; none when traces were off then, or a schedule began it. */
function traceOf({ data }: Job): string | undefined {
  return (data as { readonly trace?: string } | undefined)?.trace;
}

function attributesOf(id: string) {
  return { 'messaging.system': 'bullmq', 'messaging.destination.name': NAME, 'messaging.message.id': id };
}

function createQueue(redis: Redis): Queue {
  return new Queue(NAME, {
    connection: redis,
    prefix: PREFIX,
    defaultJobOptions: { attempts: 1, ...REMOVE },
    streams: { events: { maxLen: 1000 } },
  });
}

export interface QueuedCrawl {
  readonly id: string;
  readonly deadline: Deadline | undefined;
}

/** How a worker left a job: `later` puts it back for the next worker. */
export type WorkResult = 'done' | 'later';

/** Works on one crawl. The signal is aborted when the job no longer belongs to this worker. */
export type Work = (job: QueuedCrawl, signal: AbortSignal) => Promise<WorkResult>;

/** The reason of a job's signal when the worker could not renew its lock: another worker may have the job by now. */
export class JobLost extends Error {
  constructor() {
    super('the worker has lost the job');
    this.name = 'JobLost';
  }
}

export interface WorkerOptions {
  /** Maximum number of crawls at a time in this process. */
  readonly concurrency: number;
  /** A worker that has not renewed its locks for this long loses its jobs to other workers. */
  readonly lockMs: number;
  readonly work: Work;
  readonly onError: (error: unknown) => void;
}

export interface CrawlWorker {
  /** Takes no more jobs, puts the ones under way back, and ends. */
  close(): Promise<void>;
}

/** @param redis a connection that waits for Redis; BullMQ duplicates it for its blocking calls */
export function startWorker(redis: Redis, options: WorkerOptions): CrawlWorker {
  const { concurrency, lockMs, work, onError } = options;
  const closing = new AbortController();
  const lost = new Map<string, AbortController>();

  async function process(job: Job, token: string | undefined): Promise<void> {
    const id = job.id ?? '';
    const owned = new AbortController();
    lost.set(id, owned);
    try {
      const queued = { id, deadline: fromJobData(job.data) };
      const signal = AbortSignal.any([owned.signal, closing.signal]);
      const options = { kind: SpanKind.CONSUMER, attributes: attributesOf(id) };
      const result = await continueTrace(traceOf(job), `process ${NAME}`, options, () =>
        work(queued, signal),
      );
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
    // BullMQ would wait for 15 seconds after an error, such as a restart of Redis.
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
