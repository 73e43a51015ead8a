import { z } from 'zod';
import { NextCursor } from './paging.ts';

export const CrawlSchedule = z
  .strictObject({
    every: z
      .string()
      .regex(/^\d{1,6}(\.\d{1,3})?(ms|s|m|h|d)$/, 'expected a duration such as 30m, 6h or 1d')
      .optional()
      .describe('Such as 30m, 6h or 1d; at least 1m'),
    cron: z.string().min(1).max(200).optional().describe('Five fields, such as "0 3 * * 1"'),
    timezone: z
      .string()
      .max(100)
      .refine(isTimezone, 'expected a time zone such as Europe/Berlin')
      .optional()
      .describe('In which cron is meant; UTC without'),
  })
  .refine(
    ({ every, cron }) => (every === undefined) !== (cron === undefined),
    'expected either every or cron',
  )
  .refine(({ cron, timezone }) => timezone === undefined || cron !== undefined, {
    path: ['timezone'],
    message: 'belongs to cron',
  })
  .meta({
    id: 'CrawlSchedule',
    description: 'When a crawl is repeated: at an interval, or by a cron expression',
  });
export type CrawlSchedule = z.infer<typeof CrawlSchedule>;

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A crawl that is repeated. Its id is that of its first crawl; `nextAt` is null while it is paused. */
export const Schedule = z
  .object({
    id: z.string().describe('That of its first crawl'),
    url: z.string().describe('Where its crawls begin'),
    collection: z.string().describe('That its crawls fill'),
    schedule: z.object(CrawlSchedule.shape).describe('When it is repeated'),
    request: z.record(z.string(), z.unknown()).describe('The crawl, with all of its fields'),
    paused: z.boolean().describe('Whether it waits to be resumed'),
    createdAt: z.iso.datetime().describe('When it was made'),
    lastAt: z.iso.datetime().describe('When its last crawl began'),
    lastCrawlId: z.string().describe('Its last crawl'),
    nextAt: z.iso.datetime().nullable().describe('When its next crawl begins; null while it is paused'),
  })
  .meta({ id: 'Schedule' });
export type Schedule = z.infer<typeof Schedule>;

/** All schedules, the oldest first. */
export const ScheduleList = z
  .object({ schedules: z.array(Schedule).describe('The oldest first'), next_cursor: NextCursor })
  .meta({ id: 'ScheduleList' });
export type ScheduleList = z.infer<typeof ScheduleList>;

export const ScheduleChange = z
  .strictObject({ paused: z.boolean().describe('true pauses the schedule, false resumes it') })
  .meta({ id: 'ScheduleChange' });
export type ScheduleChange = z.infer<typeof ScheduleChange>;
