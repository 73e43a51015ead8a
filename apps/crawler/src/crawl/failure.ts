import type { PageReason } from '@xnai/contracts';
import { BreakerOpenError } from '@xnai/resilience';
import type { ErrorDecision } from '../crawlee/crawler.ts';
import { explainFailure } from '../explain-failure.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { CrawlStopped } from '../ledger/page-log.ts';
import { isPageFailure } from '../page-failure.ts';
import { StorageLost } from '../redis/guards.ts';
import { HostBusy } from '../redis/host-gate.ts';
import type { CrawlDeps, CrawlRun, PageOutcome } from './run.ts';

/** When the breaker of a host has opened this many times in a row, the pages of the host are given up. */
export const MAX_OPENINGS = 5;

/** What is known of a crawl when one of its pages fails. */
export interface FailureRun extends Pick<CrawlRun, 'openings' | 'signal'> {
  readonly frontier: Pick<CrawlRun['frontier'], 'pauseHost'>;
  readonly deps: Pick<CrawlDeps, 'gate' | 'hosts'>;
}

const FIRST_RETRY_MS = 1000;
const MAX_RETRY_AFTER_MS = 60_000;

/** Decides by the class of an error, and by what the server asked for, whether the page is tried again. */
export function decideOnError(run: FailureRun, page: FrontierPage, error: unknown): ErrorDecision {
  if (run.signal.aborted || error instanceof CrawlStopped || error instanceof StorageLost)
    return { kind: 'stop' };
  if (error instanceof BreakerOpenError) return decideOnRejection(run, page, error);
  if (error instanceof HostBusy) {
    const atMs = Date.now() + error.retryMs;
    run.frontier.pauseHost(page.host, atMs);
    return { kind: 'retry-uncounted', atMs };
  }
  if (!isPageFailure(error) || !error.retryable) return { kind: 'give-up' };
  const askedMs = Math.min(error.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS);
  if (askedMs > 0) {
    run.frontier.pauseHost(page.host, Date.now() + askedMs);
    // Other crawls of the host rest as well. This one does in any case.
    void run.deps.gate.pause(page.host, Date.now() + askedMs).catch(() => {});
  }
  const { state, retryAfterMs } = run.deps.hosts.get(page.host);
  // The host is down: that says nothing of this page, which may have been the probe each time.
  if (state !== 'closed')
    return decideOnRejection(run, page, { retryAfterMs: Math.max(retryAfterMs, askedMs) });
  const backoffMs = FIRST_RETRY_MS * 3 ** page.retries * (0.5 + Math.random());
  return { kind: 'retry', atMs: Date.now() + Math.max(backoffMs, askedMs) };
}

/** Pages of a host wait together: all that are rejected in one pause count as one opening of its breaker. */
export function decideOnRejection(
  run: FailureRun,
  page: FrontierPage,
  { retryAfterMs = 0 }: { readonly retryAfterMs?: number | undefined },
): ErrorDecision {
  const { count, untilMs } = run.openings.get(page.host) ?? { count: 0, untilMs: 0 };
  if (count > MAX_OPENINGS) return { kind: 'give-up' };
  const nowMs = Date.now();
  const atMs = nowMs + Math.max(retryAfterMs, 100);
  // While another fetch probes the host, it is not known to be down.
  const isNew = nowMs >= untilMs && run.deps.hosts.get(page.host).state === 'open';
  run.openings.set(page.host, { count: isNew ? count + 1 : count, untilMs: isNew ? atMs : untilMs });
  run.frontier.pauseHost(page.host, atMs);
  return { kind: 'retry-uncounted', atMs };
}

/** The outcome of a page that was given up after an error. */
export function outcomeOfError(error: unknown): PageOutcome {
  const sizes = { bytes: 0, ms: 0, cause: explainFailure(error) };
  if (isPageFailure(error)) {
    const httpStatus = error.status ?? null;
    const status = SKIPPED.has(error.code) ? 'skipped' : 'failed';
    const isCounted = !NOT_REQUESTED.has(error.code);
    const finalUrl = error.code === 'redirect-out-of-scope' ? error.url : undefined;
    return {
      ...sizes,
      status,
      reason: error.code,
      httpStatus,
      isCounted,
      ...(finalUrl !== undefined && { finalUrl }),
    };
  }
  const reason = error instanceof BreakerOpenError ? 'breaker-open' : 'extract-failed';
  return { ...sizes, status: 'failed', reason, httpStatus: null, isCounted: reason !== 'breaker-open' };
}

/** The rules of the crawl left these out; they are no failures. */
const SKIPPED = new Set<PageReason>([
  'charset',
  'content-type',
  'not-public',
  'redirect-out-of-scope',
  'robots',
  'robots-unreachable',
]);

/** No request was made for these. */
const NOT_REQUESTED = new Set<PageReason>(['not-public', 'url-invalid']);
