import { BreakerOpenError } from '@xnai/resilience';
import type { FrontierPage } from '../frontier/host-queue.ts';
import { robotsCause } from '../page-failure.ts';
import { documentId } from '../scope/canonical-url.ts';
import { decideOnRejection, MAX_OPENINGS } from './failure.ts';
import { type CrawlRun, type PageOutcome, recordOutcome } from './run.ts';

/** The next page that may be fetched. Pages that may not are recorded on the way. */
export async function nextPage(run: CrawlRun): Promise<FrontierPage | undefined> {
  for (;;) {
    const page = run.frontier.next();
    if (page === undefined) return undefined;
    const outcome = await outcomeBeforeFetch(run, page).catch((error) => requeueRejected(run, page, error));
    if (outcome === undefined) return page;
    if (outcome === 'requeued') continue;
    await recordOutcome(run, page, { httpStatus: null, bytes: 0, ms: 0, isCounted: false, ...outcome });
  }
}

/** Leaves a page for later whose robots.txt may not be fetched now, because the breaker of its host is open. */
function requeueRejected(run: CrawlRun, page: FrontierPage, error: unknown): 'requeued' {
  const decision = error instanceof BreakerOpenError ? decideOnRejection(run, page, error) : undefined;
  if (decision === undefined || !('atMs' in decision)) throw error;
  run.frontier.requeue(page, decision.atMs);
  return 'requeued';
}

type EarlyOutcome = Pick<PageOutcome, 'status' | 'reason' | 'documentId' | 'cause'>;

/** The outcome of a page that is not to be fetched; undefined when it may be. */
async function outcomeBeforeFetch(run: CrawlRun, page: FrontierPage): Promise<EarlyOutcome | undefined> {
  const id = documentId(page.url);
  if (run.documents.has(id)) return { status: 'skipped', reason: 'duplicate', documentId: id };
  if ((run.openings.get(page.host)?.count ?? 0) > MAX_OPENINGS) {
    return { status: 'failed', reason: 'breaker-open' };
  }
  const verdict = await run.deps.robots.check(page.url, run.signal);
  run.frontier.applyRobots(page.host, verdict.crawlDelayMs);
  if (verdict.allowed) return undefined;
  return { status: 'skipped', reason: verdict.reason ?? 'robots', cause: robotsCause(verdict) };
}
