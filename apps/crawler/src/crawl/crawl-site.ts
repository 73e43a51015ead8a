import type { CrawlRequest, StopReason } from '@xnai/contracts';
import type { FetchResponse } from '@xnai/egress';
import { createCrawleeHttpClient } from '../crawlee/http-client.ts';
import { crawlPages } from '../crawlee/page-crawler.ts';
import { createPageSource } from '../crawlee/page-source.ts';
import { isExtractable } from '../extract/extract-pool.ts';
import { findingOf, judge } from './failure.ts';
import { guardHosts } from './hosts.ts';
import { nextPage } from './next.ts';
import { type CrawlDeps, type CrawlRun, conclude, openCrawlRun } from './run.ts';
import { seed } from './seed.ts';
import { visit } from './visit.ts';

export interface CrawlResult {
  readonly stopReason: StopReason;
  /** Set when nothing at all could be had. */
  readonly error?: string;
}

const MAX_CONCURRENCY = 10;
const MAX_RETRIES = 2;

/**
 * Crawls a site: from the frontier a page is fetched, its text extracted, put into the outbox for rag, and its
 * links into the frontier, until nothing is left or the crawl's limit is reached.
 *
 * @throws CrawlStopped when the crawl was cancelled, taken over or forgotten; StorageLost; the signal's reason
 */
export async function crawl(
  job: { readonly id: string; readonly request: CrawlRequest },
  deps: CrawlDeps,
  signal: AbortSignal,
): Promise<CrawlResult> {
  const run = await openCrawlRun(job, deps, signal);
  const seeding = new AbortController();
  const responses = new Map<string, FetchResponse>();
  using source = createPageSource(run.frontier, () => nextPage(run));
  const seeded = seed(run).catch((error) => seeding.abort(error));

  await crawlPages({
    source,
    httpClient: createHttpClient(run, responses),
    visit: (page) => visit(run, page, takeFrom(responses, page.url)),
    judge: (page, error) => judge(run, page, error),
    fail: (page, error) => conclude(run, page, findingOf(error)),
    maxConcurrency: job.request.maxConcurrency ?? MAX_CONCURRENCY,
    maxRetries: MAX_RETRIES,
    memoryMb: deps.memoryMb,
    signal: AbortSignal.any([signal, seeding.signal]),
  });
  await seeded;
  return settle(run);
}

function createHttpClient(run: CrawlRun, responses: Map<string, FetchResponse>) {
  const { pages, robots } = run.deps;
  const client = createCrawleeHttpClient({
    fetcher: pages,
    signal: run.signal,
    isTypeAccepted: (mime) => mime === '' || isExtractable(mime),
    async checkRedirect(url) {
      return run.scope.checkRedirect(url) ?? (await robots.check(url.href, run.signal)).reason;
    },
    onResponse: (requestUrl, response) => responses.set(requestUrl, response),
  });
  return guardHosts(run.deps.hosts, client, (host) => run.frontier.restHost(host));
}

function takeFrom(responses: Map<string, FetchResponse>, url: string): FetchResponse {
  const response = responses.get(url);
  if (response === undefined) throw new Error('a page was visited that was not fetched');
  responses.delete(url);
  return response;
}

/** Says of every URL that still waits why it will not be fetched, and why the crawl ends. */
async function settle(run: CrawlRun): Promise<CrawlResult> {
  const rest = run.frontier.rest();
  const isLate = run.deps.deadline?.expired === true && rest.length > 0;
  await run.deps.pageLog.settle(rest, isLate ? 'budget' : 'limit');
  const isEmpty = run.documents.size === 0;
  const error =
    isEmpty && run.startFailure !== undefined
      ? `The start URL could not be fetched: ${run.startFailure}`
      : undefined;
  const stopReason = isLate ? 'budget' : stopReasonOf(run, rest.length);
  return error === undefined ? { stopReason } : { stopReason, error };
}

function stopReasonOf(run: CrawlRun, left: number): StopReason {
  const { reasons } = run;
  if (left > 0 || reasons.has('limit')) return 'limit';
  if (reasons.has('breaker-open')) return 'breaker';
  if (run.documents.size === 0 && (reasons.has('robots') || reasons.has('robots-unreachable')))
    return 'robots';
  return reasons.has('depth') ? 'depth' : 'exhausted';
}
