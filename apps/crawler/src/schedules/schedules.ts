import { createHash } from 'node:crypto';
import type { CrawlRequest, CrawlSchedule, Schedule } from '@xnai/contracts';
import type { Deadline } from '@xnai/resilience';
import { type Logger, ServiceError } from '@xnai/service';
import type { CrawlQueue } from '../jobs/queue.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { faultOf, firingAfter } from './firing-times.ts';
import type { KeptSchedule, ScheduleFile } from './schedule-file.ts';
import type { Fire, Timers } from './timers.ts';

/**
 * Crawls that are repeated. The file says which there are; the timers in Redis are set again from it whenever they are
 * missing. Every method throws REDIS_UNAVAILABLE while Redis is away, and has changed nothing that will not be undone.
 */
export interface Schedules {
  list(): Promise<Schedule[]>;
  /** Undefined when there is none of this id. */
  get(id: string): Promise<Schedule | undefined>;
  /** Repeats a crawl that has been submitted; its id becomes that of the schedule. */
  add(id: string, request: CrawlRequest, schedule: CrawlSchedule): Promise<void>;
  setPaused(id: string, paused: boolean): Promise<Schedule | undefined>;
  /** False when there is none of this id. */
  delete(id: string): Promise<boolean>;
  /** Sets the timers that are missing. */
  restore(): Promise<void>;
}

export interface SchedulesDeps {
  readonly file: ScheduleFile;
  readonly timers: Timers;
}

const MAX_SCHEDULES = 1000;

/** @throws {ServiceError} VALIDATION for a schedule that never fires, or fires too often */
export function checkSchedule(schedule: CrawlSchedule): void {
  const fault = faultOf(schedule);
  if (fault === undefined) return;
  const path = `schedule.${fault.path}`;
  const errors = [{ path, message: fault.message }];
  throw new ServiceError('VALIDATION', { detail: `${path}: ${fault.message}`, errors });
}

export function createSchedules({ file, timers }: SchedulesDeps): Schedules {
  const find = async (id: string) => (await file.read()).find((one) => one.id === id);
  const get = async (id: string) => {
    const kept = await find(id);
    return kept && toWire(kept);
  };
  return {
    list: async () => (await file.read()).map(toWire),
    get,
    async add(id, request, schedule) {
      const at = new Date().toISOString();
      const added = { id, schedule, request, paused: false, createdAt: at, lastAt: at, lastCrawlId: id };
      await file.change((all) => {
        if (all.some((one) => one.id === id)) return all;
        if (all.length >= MAX_SCHEDULES)
          throw new ServiceError('OVERLOADED', { detail: `There are ${MAX_SCHEDULES} schedules already` });
        return [...all, added];
      });
      await timers.set(added);
    },
    async setPaused(id, paused) {
      if ((await find(id)) === undefined) return undefined;
      if (paused) await timers.remove(id);
      await file.change((all) => all.map((one) => (one.id === id ? { ...one, paused } : one)));
      const kept = await find(id);
      if (kept !== undefined && !paused && !(await timers.has(id))) await timers.set(kept);
      return kept && toWire(kept);
    },
    async delete(id) {
      if ((await find(id)) === undefined) return false;
      // The timer first: one without its schedule in the file would go on for ever.
      await timers.remove(id);
      await file.change((all) => all.filter((one) => one.id !== id));
      return true;
    },
    async restore() {
      for (const kept of await file.read())
        if (!kept.paused && !(await timers.has(kept.id))) await timers.set(kept);
    },
  };
}

function toWire({ request, lastAt, schedule, ...kept }: KeptSchedule): Schedule {
  const dueMs = firingAfter(schedule, Date.parse(lastAt));
  const nextAt =
    dueMs === undefined || kept.paused ? null : new Date(Math.max(dueMs, Date.now())).toISOString();
  const { url, collection } = request;
  return { ...kept, url, collection, schedule, request, lastAt, nextAt };
}

export interface FireDeps {
  readonly file: ScheduleFile;
  /** Waits while Redis is away. */
  readonly ledger: Pick<Ledger, 'submit' | 'state'>;
  readonly queue: Pick<CrawlQueue, 'add'>;
  readonly deadlineOf: (id: string) => Deadline;
  readonly log: Pick<Logger, 'info' | 'warn' | 'debug'>;
}

/** Submits the crawl of a schedule, unless the one before is still at work. */
export function createFire({ file, ledger, queue, deadlineOf, log }: FireDeps): Fire {
  return async ({ id, request }, firing) => {
    const kept = (await file.read()).find((one) => one.id === id);
    if (kept?.paused === true) return;
    const before = kept && (await ledger.state(kept.lastCrawlId));
    if (before !== undefined && ACTIVE.has(before.status)) {
      log.info(
        { scheduleId: id, crawlId: kept?.lastCrawlId },
        'a scheduled crawl is left out: the last one goes on',
      );
      return;
    }
    const key = createHash('sha256').update(`schedule ${firing}`).digest('hex');
    const submission = await ledger.submit(request, { key, bodyHash: key });
    if (submission.kind === 'full') {
      log.warn({ scheduleId: id }, 'a scheduled crawl is left out: too many crawls are waiting');
      return;
    }
    await queue.add(submission.id, deadlineOf(submission.id)).catch(() => {});
    const lastAt = new Date().toISOString();
    await file.change((all) =>
      all.map((one) => (one.id === id ? { ...one, lastAt, lastCrawlId: submission.id } : one)),
    );
    log.info({ scheduleId: id, crawlId: submission.id, url: request.url }, 'scheduled crawl submitted');
  };
}

const ACTIVE: ReadonlySet<string> = new Set(['queued', 'running', 'stopping']);
