import type { CrawlRequest, StopReason } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import type { SpanMessage } from '@xnai/service/trace-child';
import type { ChromiumSettings } from '../browser/launch-chromium.ts';
import type { StopCode } from '../ledger/page-log.ts';
import type { Question } from './known-pages.ts';

/** Everything that the process of a crawl gets: it reads no environment variable and no configuration file. */
export interface CrawlJob {
  readonly id: string;
  readonly fence: string;
  readonly request: CrawlRequest;
  readonly redisUrl: string;
  /** Redis in which replicas share their breakers. */
  readonly breakerRedisUrl: string;
  readonly keepS: number;
  readonly outbox: { readonly maxEntries: number; readonly maxBytes: number };
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  readonly memoryMb: number;
  readonly extractThreads: number;
  /** The one folder that the crawl may write to. */
  readonly workDir: string;
  /** Undefined when this machine has no browser. */
  readonly browser?: ChromiumSettings | undefined;
  readonly browserPages: number;
  /** When the crawl ends with the pages it has, in epoch milliseconds. */
  readonly deadlineAtMs?: number | undefined;
  /** The trace that the crawl belongs to; undefined while traces are off. */
  readonly trace?: string | undefined;
}

export type ToChild =
  | { readonly type: 'start'; readonly job: CrawlJob }
  | { readonly type: 'answer'; readonly number: number; readonly answer: unknown }
  | { readonly type: 'stop' };

export type CrawlEnd =
  | {
      readonly type: 'finished';
      readonly stopReason: StopReason;
      readonly error?: string;
      readonly warning?: string;
    }
  /** The crawl was cancelled, taken over by another worker, or lost by Redis. */
  | { readonly type: 'stopped'; readonly code: StopCode }
  /** Redis was away for too long. Another worker can continue from the records that are in Redis. */
  | { readonly type: 'storage-lost' };

export interface Heartbeat {
  readonly type: 'heartbeat';
  readonly rssBytes: number;
  /** Pages by status since the last heartbeat. */
  readonly pages: Readonly<Record<string, number>>;
  /** Since the process of the crawl began. */
  readonly egress?: EgressCounts | undefined;
}

export type FromChild =
  | Heartbeat
  /** The browser did not start, crashed, or did not finish a page in time. */
  | { readonly type: 'browser-failed' }
  | { readonly type: 'ask'; readonly number: number; readonly question: Question }
  | { readonly type: 'log'; readonly fields: object; readonly message: string }
  | { readonly type: 'span'; readonly span: SpanMessage }
  | CrawlEnd;
