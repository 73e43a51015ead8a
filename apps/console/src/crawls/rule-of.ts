import type { CrawlSchedule } from '@xnai/contracts';
import { texts } from '../texts.ts';

const UNITS: Readonly<Record<string, string>> = {
  ms: 'millisecond',
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
};

/** When a crawl is repeated, in words. */
export function ruleOf({ every = '', cron, timezone = 'UTC' }: CrawlSchedule): string {
  if (cron !== undefined) return texts.schedules.at(cron, timezone);
  const chosen: Readonly<Record<string, string>> = texts.schedules.repeats;
  return chosen[every] ?? texts.schedules.every(spanOf(every));
}

function spanOf(every: string): string {
  const [, count, unit = ''] = /^([\d.]+)(\w+)$/.exec(every) ?? [];
  return new Intl.NumberFormat('en', { style: 'unit', unit: UNITS[unit], unitDisplay: 'long' }).format(
    Number(count),
  );
}
