import type { CrawlRequest, StopReason } from '@xnai/contracts';
import { inSpan, spanUrl } from '@xnai/service/trace';
import { crawlPages } from '../crawlee/crawler.ts';
import { seed } from './discover.ts';
import { decideOnError, outcomeOfError } from './failure.ts';
import { fetchOrKeep } from './fetch-or-keep.ts';
import { forgetGone } from './forget-gone.ts';
import { nextPage } from './next.ts';
import { type CrawlDeps, type CrawlRun, openRun, recordOutcome } from './run.ts';
import { visit } from './visit.ts';

export interface CrawlResult {
  readonly stopReason: StopReason;
  /** Set when the crawl found no document at all. */
  readonly error?: string;
  /** What was left undone, and why. */
  readonly warning?: string;
}

const MAX_CONCURRENCY = 10;

/**
 * Crawls a site. Each page of the frontier is fetched, its text is extracted and put into the outbox for rag, and its
 * links are added to the frontier, until no page is left or a limit of the crawl is reached.
 *
 * @throws {CrawlStopped} when the crawl was cancelled, taken over by another worker, or lost by Redis
 * @throws {StorageLost} when Redis was away for too long
 */
export async function crawlSite(
  job: { readonly id: string; readonly request: CrawlRequest },
  deps: CrawlDeps,
  signal: AbortSignal,
): Promise<CrawlResult> {
  const stopped = new AbortController();
  const stop = (error: unknown) => stopped.abort(error);
  const run = await openRun(job, deps, AbortSignal.any([signal, stopped.signal]));
  const seeded = seed(run).catch(stop);
  await crawlPages({
    frontier: run.frontier,
    nextPage: () => nextPage(run),
    visit: (page) =>
      inSpan('page', { attributes: { 'url.full': spanUrl(page.url) } }, async () =>
        visit(run, page, await fetchOrKeep(run, page)),
      ),
    decide: (page, error) => decideOnError(run, page, error),
    giveUp: (page, error) => recordOutcome(run, page, outcomeOfError(error)),
    stop,
    maxConcurrency: job.request.maxConcurrency ?? MAX_CONCURRENCY,
    memoryMb: deps.memoryMb,
    signal: run.signal,
  });
  await seeded;
  return endCrawl(run);
}

/** Records why each URL that still waits is not fetched, and says why the crawl ends. */
async function endCrawl(run: CrawlRun): Promise<CrawlResult> {
  const remaining = run.frontier.remaining();
  const isLate = run.deps.deadline?.expired === true && remaining.length > 0;
  await run.deps.pageLog.skipQueued(remaining, isLate ? 'budget' : 'limit');
  const stopReason = isLate ? 'budget' : stopReasonOf(run, remaining.length);
  const warnings = [
    await forgetGone(run, stopReason),
    sitemapWarning(run),
    ...Array.from(
      run.warnings,
      ([warning, pages]) => `${warning} (${pages === 1 ? '1 page' : `${pages} pages`})`,
    ),
  ].filter((one) => one !== undefined);
  const result = { stopReason, ...(warnings.length > 0 && { warning: warnings.join('; ') }) };
  if (run.documents.size > 0 || run.startFailure === undefined) return result;
  return { ...result, error: `The start URL could not be fetched: ${run.startFailure}` };
}

function sitemapWarning({ unreadSitemaps: [first, ...more] }: CrawlRun): string | undefined {
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  return `a sitemap could not be read, so that pages may be missing: ${first}${others}`;
}

function stopReasonOf({ reasons, documents }: CrawlRun, remaining: number): StopReason {
  if (remaining > 0 || reasons.has('limit')) return 'limit';
  if (reasons.has('breaker-open')) return 'breaker';
  if (documents.size === 0 && (reasons.has('robots') || reasons.has('robots-unreachable'))) return 'robots';
  return reasons.has('depth') ? 'depth' : 'exhausted';
}
