import { setTimeout as delay } from 'node:timers/promises';
import type { CrawlRequest, PageReason, PageResult, PageStatus } from '@xnai/contracts';
import type { Fetcher, Robots } from '@xnai/egress';
import type { Deadline, Family } from '@xnai/resilience';
import { currentTrace, inSpan } from '@xnai/service/trace';
import type { ExtractPool } from '../extract/extract-pool.ts';
import { Frontier } from '../frontier/frontier.ts';
import type { FrontierPage } from '../frontier/host-queue.ts';
import type { PageLog, PageRecord } from '../ledger/page-log.ts';
import { type HostGate, MAX_PER_HOST } from '../redis/host-gate.ts';
import { canonicalUrl, documentId } from '../scope/canonical-url.ts';
import { type CrawlScope, createScope } from '../scope/scope.ts';
import { hidesLinks, isGone } from './gone.ts';
import { Growth } from './growth.ts';
import type { Ask } from './known-pages.ts';
import { KnownSite } from './known-site.ts';

export interface CrawlDeps {
  /** Fetches robots.txt and sitemaps. */
  readonly fetcher: Fetcher;
  /** Fetches pages, with a browser where one is needed. */
  readonly pages: Pick<Fetcher, 'fetch'>;
  readonly robots: Robots;
  readonly extractPool: ExtractPool;
  readonly hosts: Family;
  readonly gate: HostGate;
  readonly pageLog: PageLog;
  /** Names a URL that a public page leads to and that only pages of allowed origins may. */
  readonly noteDenied: (url: string) => void;
  readonly ask: Ask;
  readonly report: (fields: object, message: string) => void;
  /** Called for each page that has an outcome. */
  readonly onPage?: (status: PageStatus) => void;
  readonly memoryMb: number;
  /** When it expires, the crawl ends with the documents it has. */
  readonly deadline?: Deadline | undefined;
}

/** One crawl under way: the state that its steps share. */
export interface CrawlRun {
  readonly id: string;
  readonly request: CrawlRequest;
  readonly startUrl: string;
  readonly deps: CrawlDeps;
  readonly signal: AbortSignal;
  readonly frontier: Frontier;
  /** Replaced once, when the start URL redirects. */
  scope: CrawlScope;
  /** Ids of the documents of this crawl. */
  readonly documents: Set<string>;
  /** What the collection has from earlier crawls. */
  readonly known: KnownSite;
  /** Ids of pages that turned out to be gone. */
  readonly gone: Set<string>;
  /** Number of pages whose links the crawl could not see. */
  unseenPages: number;
  /** Sitemaps of the site that could not be read, with the reason of each. */
  readonly unreadSitemaps: string[];
  /** When pages changed, as the sitemap says it. */
  readonly lastmods: Map<string, string>;
  readonly growth: Growth;
  /** All reasons for which pages of this crawl were skipped or failed. */
  readonly reasons: Set<PageReason>;
  /** How many times in a row the breaker of a host was found open, and until when it was the last time. */
  readonly openings: Map<string, { readonly count: number; readonly untilMs: number }>;
  /** What could not be done as asked, in words, with the number of pages. */
  readonly warnings: Map<string, number>;
  /** Number of URLs recorded one by one. */
  recorded: number;
  /** Why the start URL could not be fetched, in words. */
  startFailure: string | undefined;
}

/** Begins a crawl, or continues it where another worker left off. */
export async function openRun(
  job: { readonly id: string; readonly request: CrawlRequest },
  deps: CrawlDeps,
  signal: AbortSignal,
): Promise<CrawlRun> {
  const { request } = job;
  const restored = await deps.pageLog.restore();
  const frontier = new Frontier({
    limit: request.limit,
    counted: restored.counted,
    perHost: {
      maxInFlight: request.maxConcurrency ?? MAX_PER_HOST,
      delayMs: Math.round((request.delay ?? 0) * 1000),
    },
    isOver: () => deps.deadline?.expired === true,
  });
  for (const { url } of restored.done) frontier.markSeen(url);
  for (const page of restored.queued) {
    frontier.markSeen(page.url);
    frontier.enqueue(page);
  }
  const scope = createScope(request);
  const startUrl = canonicalUrl(request.url, request);
  const known = new KnownSite(deps.ask, request);
  await known.load(startUrl);
  if (restored.base !== undefined) await known.load(restored.base);
  return {
    id: job.id,
    request,
    startUrl,
    deps,
    signal,
    frontier,
    scope: restored.base === undefined ? scope : scope.rebase(restored.base),
    documents: new Set(restored.done.flatMap(({ documentId }) => documentId ?? [])),
    known,
    gone: new Set(restored.done.filter(isGone).map(({ url }) => documentId(url))),
    unreadSitemaps: [],
    unseenPages: restored.done.filter(hidesLinks).length,
    lastmods: new Map(),
    growth: new Growth(),
    reasons: new Set(restored.done.flatMap(({ reason }) => reason ?? [])),
    openings: new Map(),
    warnings: new Map(),
    recorded: restored.queued.length + restored.done.length,
    // A worker that had this crawl before may have fetched the start URL in vain.
    startFailure: restored.done.find((page) => page.url === startUrl && isLost(page))?.reason,
  };
}

/** The outcome of a page: everything to record about it but its URL and depth. */
export interface PageOutcome extends Omit<PageResult, 'url' | 'depth'>, Omit<PageRecord, 'page' | 'trace'> {
  /** Why the page was not taken, in words. It is told only of the start URL. */
  readonly cause?: string | undefined;
}

const OUTBOX_RETRY_MS = 250;

/** Records the outcome of a page, waiting while the outbox is full, and removes the page from the frontier. */
export async function recordOutcome(run: CrawlRun, page: FrontierPage, outcome: PageOutcome): Promise<void> {
  const { isCounted, document, base, cause, ...result } = outcome;
  const record: PageRecord = {
    page: { url: page.url, depth: page.depth, ...result },
    isCounted,
    document,
    base,
  };
  if (result.reason !== undefined) run.reasons.add(result.reason);
  if (isGone(record.page)) run.gone.add(documentId(page.url));
  if (hidesLinks(record.page)) run.unseenPages += 1;
  if (page.url === run.startUrl && isLost(result)) run.startFailure = cause ?? result.reason;
  const attributes = { 'xnai.page.status': result.status, 'xnai.page.reason': result.reason };
  await inSpan('record', { attributes }, async () => {
    const traced = { ...record, trace: currentTrace() };
    while (!(await run.deps.pageLog.record(traced))) {
      await delay(OUTBOX_RETRY_MS, undefined, { signal: run.signal });
    }
  });
  run.frontier.finish(page, { isCounted });
  run.deps.onPage?.(result.status);
}

/** Skipped for these reasons, a page could not be fetched or read; the other reasons are rules of the crawl or the site. */
const UNREAD: ReadonlySet<PageReason | undefined> = new Set<PageReason>([
  'not-public',
  'robots-unreachable',
  'content-type',
  'charset',
  'redirect-out-of-scope',
  'soft-404',
  'login-wall',
]);

function isLost({ status, reason }: Pick<PageResult, 'status' | 'reason'>): boolean {
  return status === 'failed' || (status === 'skipped' && UNREAD.has(reason));
}
