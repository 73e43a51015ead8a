import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Guard } from '../redis/guards.ts';
import { crawlKeys } from './scripts.ts';

/** `data` is JSON. `id` is what `Last-Event-ID` brings back. */
export interface CrawlEvent {
  readonly id: string;
  readonly type: 'started' | 'page' | 'progress' | 'finished';
  readonly data: string;
}

const BATCH = 200;

export function isEventId(text: string): boolean {
  return /^\d{1,15}-\d{1,10}$/.test(text);
}

export interface FollowOptions {
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly pollMs?: number;
  readonly guard?: Guard;
}

/** The next events after the given one, as far as there are any. */
export async function readEvents(redis: Redis, id: string, after = '-'): Promise<CrawlEvent[]> {
  const start = after === '-' ? after : `(${after}`;
  const entries = await redis.xrange(crawlKeys(id).events, start, '+', 'COUNT', BATCH);
  return entries.map(([entryId, fields]) => eventOf(entryId, fields));
}

/**
 * Yields a crawl's events after the given one, then each new event until `finished`. It polls: a watcher then needs no
 * connection of its own, and a restart of Redis costs one failed read.
 */
export async function* followEvents(
  redis: Redis,
  id: string,
  { after, signal, pollMs = 250, guard = (call) => call() }: FollowOptions,
): AsyncGenerator<CrawlEvent> {
  const { events, job } = crawlKeys(id);
  let last = after ?? '0-0';
  while (!signal.aborted) {
    const entries = await guard(() => redis.xrange(events, `(${last}`, '+', 'COUNT', BATCH));
    for (const [entryId, fields] of entries) {
      last = entryId;
      const event = eventOf(entryId, fields);
      yield event;
      if (event.type === 'finished') return;
    }
    if (entries.length === 0 && (await guard(() => isOver(redis, job)))) return;
    if (entries.length < BATCH) await delay(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** True for a reader who is behind the `finished` event, or whose crawl has expired. */
async function isOver(redis: Redis, job: string): Promise<boolean> {
  return (await redis.hexists(job, 'createdAt')) === 0 || (await redis.hexists(job, 'finishedAt')) === 1;
}

function eventOf(id: string, fields: readonly string[]): CrawlEvent {
  return { id, type: fields[1] as CrawlEvent['type'], data: fields[3] ?? 'null' };
}
