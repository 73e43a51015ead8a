import { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { firingAfter, intervalMs } from './firing-times.ts';
import type { KeptSchedule } from './schedule-file.ts';

const NAME = 'schedules';
const PREFIX = '{xnai:crawl}';
const REMOVE = { removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } };

/** The job schedulers of BullMQ, by which exactly one replica carries out each firing. They are as volatile as Redis. */
export interface Timers {
  has(id: string): Promise<boolean>;
  /** A firing that was missed comes at once. */
  set(schedule: KeptSchedule): Promise<void>;
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

/** A firing of a schedule; `firing` is the same when it is carried out again. */
export type Fire = (schedule: Pick<KeptSchedule, 'id' | 'request'>, firing: string) => Promise<void>;

export interface TimersOptions {
  /** Fails commands at once while Redis is away. */
  readonly redis: Redis;
  /** Waits for Redis. */
  readonly blocking: Redis;
  readonly fire: Fire;
  readonly onError: (error: unknown) => void;
  /** Called for a firing that could not be carried out; the schedule goes on with the next one. */
  readonly onFailed: (error: unknown, id: string | undefined) => void;
}

export function openTimers({ redis, blocking, fire, onError, onFailed }: TimersOptions): Timers {
  let queue: Queue | undefined;
  // Before Redis is first connected, BullMQ would hold its calls back.
  const opened = () => {
    if (queue === undefined && redis.status !== 'ready') throw new Error('Connection is closed.');
    queue ??= new Queue(NAME, { connection: redis, prefix: PREFIX, defaultJobOptions: REMOVE }).on(
      'error',
      onError,
    );
    return queue;
  };
  const worker = new Worker(NAME, ({ data, id = '' }) => fire(data, id), {
    connection: blocking,
    prefix: PREFIX,
    concurrency: 1,
    drainDelay: 2,
    runRetryDelay: 1000,
    ...REMOVE,
  });
  worker.on('error', onError);
  worker.on('failed', (job, error) => onFailed(error, job?.data.id));
  return {
    has: async (id) => (await opened().getJobScheduler(id)) !== undefined,
    async set({ id, schedule, request, lastAt }) {
      const { cron: pattern, timezone: tz = 'UTC' } = schedule;
      const dueMs = firingAfter(schedule, Date.parse(lastAt)) ?? Date.now();
      const isMissed = dueMs <= Date.now();
      const repeat =
        pattern === undefined
          ? { every: intervalMs(schedule), ...(!isMissed && { startDate: dueMs }) }
          : { pattern, tz, immediately: isMissed };
      await opened().upsertJobScheduler(id, repeat, { name: 'fire', data: { id, request }, opts: REMOVE });
    },
    async remove(id) {
      await opened().removeJobScheduler(id);
    },
    async close() {
      await worker.close();
      await queue?.close();
      blocking.disconnect();
    },
  };
}
