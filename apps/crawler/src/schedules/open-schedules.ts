import type { Redis } from 'ioredis';
import { connectForBlocking } from '../redis/connect.ts';
import type { ScheduleFile } from './schedule-file.ts';
import { createFire, createSchedules, type FireDeps, type Schedules } from './schedules.ts';
import { openTimers, type Timers } from './timers.ts';

export interface OpenSchedulesDeps extends FireDeps {
  readonly file: ScheduleFile;
  readonly redis: Redis;
  readonly redisUrl: string;
}

export function openSchedules(deps: OpenSchedulesDeps): {
  readonly schedules: Schedules;
  readonly timers: Timers;
} {
  const { file, redis, redisUrl, log } = deps;
  const timers = openTimers({
    redis,
    blocking: connectForBlocking(redisUrl, 'crawler-schedules'),
    fire: createFire(deps),
    onFailed: (err, scheduleId) => log.warn({ err, scheduleId }, 'a scheduled crawl was not submitted'),
    onError: (err) => log.debug({ err }, 'error of the queue of schedules'),
  });
  return { timers, schedules: createSchedules({ file, timers }) };
}
