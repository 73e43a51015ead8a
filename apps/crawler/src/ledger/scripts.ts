import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { confirmed } from '../redis/confirmed.ts';

const PREFIX = 'xnai:crawl:';

/** Sorted set: the ids of all crawls, in the order of their submission. */
export const INDEX_KEY = `${PREFIX}index`;
/** Set: the ids of the crawls that have not ended. */
export const ACTIVE_KEY = `${PREFIX}active`;
/** Stream: the pages of all crawls that wait for rag. */
export const OUTBOX_KEY = `${PREFIX}outbox`;
/** Number: bytes of the bodies in the outbox. */
export const OUTBOX_BYTES_KEY = `${PREFIX}outbox-bytes`;
/** Sorted set: the crawls with events to deliver to a webhook, by the time of the next attempt. */
export const WEBHOOKS_KEY = `${PREFIX}webhooks`;
/** Present while rag cannot be reached. */
export const RAG_DOWN_KEY = `${PREFIX}rag-down`;

export function idempotencyKey(hash: string): string {
  return `${PREFIX}idem:${hash}`;
}

/** The keys of one crawl, in the order in which its scripts name them. */
export function crawlKeys(id: string) {
  return {
    /** Hash: the crawl's record and counters. */
    job: `${PREFIX}job:${id}`,
    /** Hash: URL to its row, `q:<depth>:<order>` while it waits and a page result in JSON afterwards. */
    pages: `${PREFIX}pages:${id}`,
    /** List: URLs in the order of their results. */
    order: `${PREFIX}order:${id}`,
    /** List: URLs that failed or were denied. */
    errors: `${PREFIX}errors:${id}`,
    /** Stream: the events of the crawl. */
    events: `${PREFIX}events:${id}`,
    /** Hash: outbox entry to URL, for pages that rag has not acknowledged. */
    waiting: `${PREFIX}waiting:${id}`,
  };
}

/** Scripts about one crawl; each file in `lua/` documents its arguments and its reply. */
const STEPS = [
  'begin',
  'discover',
  'overflow',
  'commit',
  'forget',
  'denied',
  'skip',
  'crawled',
  'fail',
  'cancel',
  'cancelled',
  'acknowledge',
] as const;

export type Step = (typeof STEPS)[number];
type Argument = string | number;

/** A crawl, and the fence of the worker that owns it; without a fence for callers that do not own it. */
export interface CrawlOwner {
  readonly id: string;
  readonly fence?: string;
}

/** @throws {NotConfirmed} when a failover could undo what was done */
export interface CrawlScripts {
  /** Runs a script about one crawl. */
  run(step: Step, owner: CrawlOwner, args?: readonly Argument[]): Promise<unknown>;
  submit(keys: readonly string[], args: readonly Argument[]): Promise<unknown>;
}

type Commands = Record<`crawl:${Step | 'submit'}`, (...args: Argument[]) => Promise<unknown>>;

/** @param keepS how long the record of a crawl is kept after its end, in seconds */
export function openScripts(redis: Redis, keepS: number): CrawlScripts {
  const common = readPart('crawl');
  for (const step of STEPS) redis.defineCommand(`crawl:${step}`, { lua: `${common}\n${readPart(step)}` });
  redis.defineCommand('crawl:submit', { lua: readPart('submit') });
  const commands = redis as unknown as Commands;
  return {
    run(step, { id, fence = '' }, args = []) {
      const keys = [...Object.values(crawlKeys(id)), ACTIVE_KEY, OUTBOX_KEY, OUTBOX_BYTES_KEY];
      return confirmed(redis, () =>
        commands[`crawl:${step}`](keys.length, ...keys, id, Date.now(), keepS, fence, ...args),
      );
    },
    submit: (keys, args) => confirmed(redis, () => commands['crawl:submit'](keys.length, ...keys, ...args)),
  };
}

function readPart(name: string): string {
  return readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
}
