import type { CrawlSchedule } from '@xnai/contracts';
import { CronExpressionParser } from 'cron-parser';

/** More often, a crawl would mostly find the one before it at work. */
const LEAST_MS = 60_000;
const LONGEST_MS = 366 * 86_400_000;
const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Why a schedule cannot be kept: the field of it and the reason in words; undefined when it can. */
export function faultOf(
  schedule: CrawlSchedule,
): { readonly path: string; readonly message: string } | undefined {
  const { cron } = schedule;
  if (cron === undefined) {
    const ms = intervalMs(schedule);
    if (ms < LEAST_MS)
      return { path: 'every', message: 'a crawl is repeated once a minute at most: expected 1m or more' };
    return ms > LONGEST_MS ? { path: 'every', message: 'expected 366d or less' } : undefined;
  }
  const message = faultOfCron(schedule, cron);
  return message === undefined ? undefined : { path: 'cron', message };
}

function faultOfCron(schedule: CrawlSchedule, cron: string): string | undefined {
  try {
    CronExpressionParser.parse(cron, { strict: false });
  } catch (error) {
    const never = /explicit day of month/i.test((error as Error).message);
    return never ? NEVER : `expected a cron expression such as "0 3 * * 1": ${(error as Error).message}`;
  }
  let atMs = Date.now();
  for (let previousMs: number | undefined, n = 0; n < FIRINGS_CHECKED; n += 1) {
    const nextMs = firingAfter(schedule, atMs);
    if (nextMs === undefined) return n === 0 ? NEVER : undefined;
    if (previousMs !== undefined && nextMs - previousMs < LEAST_MS)
      return 'a crawl is repeated once a minute at most: expected five fields, or 0 for the seconds';
    [previousMs, atMs] = [nextMs, nextMs];
  }
  return undefined;
}

const NEVER = 'there is no date that this cron expression fits: it would never fire';
const FIRINGS_CHECKED = 5;

/** The first firing after a time, in epoch milliseconds; undefined for a cron expression that never fires. */
export function firingAfter(schedule: CrawlSchedule, afterMs: number): number | undefined {
  const { cron, timezone: tz = 'UTC' } = schedule;
  if (cron === undefined) return afterMs + intervalMs(schedule);
  try {
    return CronExpressionParser.parse(cron, { currentDate: new Date(afterMs), tz })
      .next()
      .getTime();
  } catch {
    return undefined;
  }
}

export function intervalMs({ every = '' }: CrawlSchedule): number {
  const [, number, unit] = /^([\d.]+)(\w+)$/.exec(every) ?? [];
  return Number(number) * UNITS_MS[unit as keyof typeof UNITS_MS];
}
