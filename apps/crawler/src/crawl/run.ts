import { setTimeout as delay } from 'node:timers/promises';
import type { CrawlRequest, PageReason, PageResult, PageStatus } from '@xnai/contracts';
import type { Fetcher, Robots } from '@xnai/egress';
import type { Deadline, Family } from '@xnai/resilience';
import type { ExtractPool } from '../extract/extract-pool.ts';
import { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/frontier-page.ts';
import type { Commit, PageLog } from '../ledger/page-log.ts';
import { canonicalUrl } from '../scope/canonical-url.ts';
import { createScope, type Scope } from '../scope/crawl-scope.ts';

export interface CrawlDeps {
  /** Of robots.txt and sitemaps. */
  readonly fetcher: Fetcher;
  /** Of pages: with a browser where it is needed. */
  readonly pages: Pick<Fetcher, 'fetch'>;
  readonly robots: Robots;
  readonly extractPool: ExtractPool;
  /** One breaker for each host. */
  readonly hosts: Family;
  readonly pageLog: PageLog;
  readonly report: (fields: object, message: string) => void;
  /** Told of each page that came to a result. */
  readonly onPage?: (status: PageStatus) => void;
  readonly memoryMb: number;
  /** Then the crawl ends with what it has. */
  readonly deadline?: Deadline | undefined;
  /** Waits before the outbox is tried again. */
  readonly outboxWaitMs?: number;
  readonly now?: () => number;
}

/** One crawl under way: what its steps share. */
export interface CrawlRun {
  readonly id: string;
  readonly request: CrawlRequest;
  readonly startUrl: string;
  readonly deps: CrawlDeps;
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly frontier: Frontier;
  /** Changes once: when the start URL turns out to have moved. */
  scope: Scope;
  /** Documents of this crawl so far, by id. */
  readonly documents: Set<string>;
  /** Content of this crawl so far, by hash and the URL that it calls its own. */
  readonly contents: Set<string>;
  /** Every reason given so far. */
  readonly reasons: Set<PageReason>;
  /** How often each host's breaker turned the crawl away in a row. */
  readonly refusals: Map<string, number>;
  /** URLs recorded one by one. */
  recorded: number;
  startFailure: string | undefined;
}

/** Hosts are asked by so many at a time, unless the crawl says otherwise. */
const MAX_PER_HOST = 5;

/** Begins a crawl, or goes on where another worker left it. */
export async function openCrawlRun(
  job: { readonly id: string; readonly request: CrawlRequest },
  deps: CrawlDeps,
  signal: AbortSignal,
): Promise<CrawlRun> {
  const { request } = job;
  const now = deps.now ?? Date.now;
  const restored = await deps.pageLog.restore();
  const frontier = new Frontier({
    limit: request.limit,
    taken: restored.taken,
    perHost: {
      maxInFlight: request.maxConcurrency ?? MAX_PER_HOST,
      delayMs: Math.round((request.delay ?? 0) * 1000),
    },
    now,
    isOver: () => deps.deadline?.expired === true,
  });
  for (const { url } of restored.done) frontier.know(url);
  for (const page of restored.queued) {
    frontier.know(page.url);
    frontier.add(page);
  }
  const scope = createScope(request);
  return {
    id: job.id,
    request,
    startUrl: canonicalUrl(request.url, request),
    deps,
    signal,
    now,
    frontier,
    scope: restored.base === undefined ? scope : scope.rebase(restored.base),
    documents: new Set(restored.done.flatMap(({ documentId }) => documentId ?? [])),
    contents: new Set(),
    reasons: new Set(restored.done.flatMap(({ reason }) => reason ?? [])),
    refusals: new Map(),
    recorded: restored.queued.length + restored.done.length,
    startFailure: undefined,
  };
}

/** What a step found out about a page, beyond its URL and depth. */
export type Finding = Omit<PageResult, 'url' | 'depth'> & Omit<Commit, 'page'>;

/** Writes down what became of a page, waiting while the outbox is full, and lets it leave the frontier. */
export async function conclude(run: CrawlRun, page: FrontierPage, finding: Finding): Promise<void> {
  const { isTaken, document, base, ...result } = finding;
  const commit: Commit = {
    page: { url: page.url, depth: page.depth, ...result },
    isTaken,
    ...(document === undefined ? {} : { document }),
    ...(base === undefined ? {} : { base }),
  };
  if (result.reason !== undefined) run.reasons.add(result.reason);
  const isLost = result.status === 'failed' || result.reason === 'not-public';
  if (page.url === run.startUrl && isLost) run.startFailure = describe(finding);
  const { pageLog, outboxWaitMs = 250 } = run.deps;
  while (!(await pageLog.commit(commit))) await delay(outboxWaitMs, undefined, { signal: run.signal });
  run.frontier.finish(page, { isTaken });
  run.deps.onPage?.(result.status);
}

function describe({ reason, httpStatus }: Finding): string {
  return httpStatus === null ? `${reason}` : `${reason} (status ${httpStatus})`;
}
