import type { PageReason } from '@xnai/contracts';
import { FetchError } from '@xnai/egress';
import { BreakerOpenError } from '@xnai/resilience';
import type { Judgement } from '../crawlee/page-crawler.ts';
import type { FrontierPage } from '../frontier/frontier-page.ts';
import { CrawlStopped } from '../ledger/page-log.ts';
import { StorageLost } from '../redis/patiently.ts';
import type { CrawlRun, Finding } from './run.ts';

/** After so many refusals in a row by a host's breaker, its pages are given up. */
export const MAX_REFUSALS = 5;

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_AFTER_MS = 60_000;

/** What is to be done about an error: by its class, and by what the server asked for. */
export function judge(run: CrawlRun, page: FrontierPage, error: unknown): Judgement {
  if (run.signal.aborted || error instanceof CrawlStopped || error instanceof StorageLost)
    return { kind: 'stop' };
  if (error instanceof BreakerOpenError) return judgeRefusal(run, page, error.retryAfterMs);
  if (!(error instanceof FetchError) || !error.retryable) return { kind: 'give-up' };
  const backoffMs = FIRST_RETRY_MS * 3 ** page.retries * (0.5 + Math.random());
  const askedMs = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  if (askedMs > 0) run.frontier.holdHost(page.host, run.now() + askedMs);
  return { kind: 'retry', atMs: run.now() + Math.max(backoffMs, askedMs) };
}

function judgeRefusal(run: CrawlRun, page: FrontierPage, retryAfterMs: number): Judgement {
  const refusals = run.refusals.get(page.host) ?? 0;
  if (refusals > MAX_REFUSALS) return { kind: 'give-up' };
  const atMs = run.now() + Math.max(retryAfterMs, 100);
  run.refusals.set(page.host, refusals + 1);
  run.frontier.holdHost(page.host, atMs);
  return { kind: 'again', atMs };
}

/** How the crawl reports a page that was given up. */
export function findingOf(error: unknown): Finding {
  const sizes = { bytes: 0, ms: 0 };
  if (error instanceof FetchError) {
    const httpStatus = error.status ?? null;
    const status = SKIPPED.has(error.code) ? 'skipped' : 'failed';
    return { ...sizes, status, reason: reasonOf(error), httpStatus, isTaken: !UNASKED.has(error.code) };
  }
  const reason = error instanceof BreakerOpenError ? 'breaker-open' : 'extract-failed';
  return { ...sizes, status: 'failed', reason, httpStatus: null, isTaken: reason !== 'breaker-open' };
}

function reasonOf(error: FetchError): PageReason {
  return error.code;
}

/** The crawl's own rules kept these out; nothing went wrong. */
const SKIPPED = new Set<PageReason>([
  'content-type',
  'not-public',
  'redirect-out-of-scope',
  'robots',
  'robots-unreachable',
  'scope',
  'filtered',
  'trap',
]);

/** No request was made for these. */
const UNASKED = new Set<PageReason>(['not-public', 'url-invalid']);
