import type { CrawlRequest, StopReason } from '@xnai/contracts';
import type { EgressCounts } from '@xnai/egress';
import type { ChromiumSettings } from '../browser/launch-chromium.ts';
import type { StopCode } from '../ledger/page-log.ts';

/** All that a crawl's own process is told: it reads no environment and no file. */
export interface CrawlJob {
  readonly id: string;
  readonly fence: string;
  readonly request: CrawlRequest;
  readonly redisUrl: string;
  readonly keepS: number;
  readonly outbox: { readonly maxEntries: number; readonly maxBytes: number };
  readonly userAgent: string;
  readonly allowedOrigins: readonly string[];
  readonly memoryMb: number;
  readonly extractThreads: number;
  /** The one folder that the crawl may write to. */
  readonly workDir: string;
  /** There when this machine has a browser. */
  readonly browser?: ChromiumSettings | undefined;
  readonly browserPages: number;
  /** When the crawl ends with the pages it has, in epoch milliseconds. */
  readonly deadlineAtMs?: number | undefined;
}

export type ToChild = { readonly type: 'start'; readonly job: CrawlJob } | { readonly type: 'stop' };

export type CrawlEnd =
  | { readonly type: 'finished'; readonly stopReason: StopReason; readonly error?: string }
  /** It had to leave off: cancelled, taken over by another worker, or forgotten by Redis. */
  | { readonly type: 'stopped'; readonly code: StopCode }
  /** Redis was away for too long; what is written there is enough to go on later. */
  | { readonly type: 'storage-lost' };

export type FromChild =
  | {
      readonly type: 'heartbeat';
      readonly rssBytes: number;
      /** Pages by status since the last heartbeat. */
      readonly pages: Readonly<Record<string, number>>;
      /** Since the crawl's process began. */
      readonly egress?: EgressCounts | undefined;
    }
  | { readonly type: 'log'; readonly fields: object; readonly message: string }
  | CrawlEnd;
