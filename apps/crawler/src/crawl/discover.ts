import { setTimeout as delay } from 'node:timers/promises';
import type { PageReason } from '@xnai/contracts';
import { defaultSitemaps, FetchError, MAX_URL_LENGTH, type RobotsVerdict, readSitemaps } from '@xnai/egress';
import { BreakerOpenError } from '@xnai/resilience';
import { explainFailure } from '../explain-failure.ts';
import { isPassingStatus } from '../hosts.ts';
import type { DiscoveredUrl } from '../ledger/page-log.ts';
import { MAX_OPENINGS } from './failure.ts';
import type { CrawlRun } from './run.ts';

/** Number of URLs of a crawl that are recorded one by one; URLs beyond it are only counted. */
const MAX_RECORDED = 50_000;

interface Origin {
  readonly depth: number;
  /** URL of the page that has the links; undefined for a seed. */
  readonly foundOn?: string;
  /** Where that page, or the sitemap, lies after redirects; undefined for the start URL, which the owner names. */
  readonly from?: string;
}

/** Adds new URLs to the crawl: to the frontier, or to the page log with the reason why they are left out. */
export async function discover(run: CrawlRun, urls: Iterable<string>, from: Origin): Promise<void> {
  const { pageLog } = run.deps;
  const { recorded, unrecorded } = selectNew(run, urls, from);
  if (recorded.length > 0) await pageLog.addDiscovered(recorded);
  for (const [reason, count] of unrecorded) await pageLog.countUnrecorded(count, reason);
  for (const page of recorded) if (page.reason === undefined) run.frontier.enqueue(page);
}

interface NewUrls {
  readonly recorded: readonly DiscoveredUrl[];
  readonly unrecorded: ReadonlyMap<PageReason, number>;
}

function selectNew(run: CrawlRun, urls: Iterable<string>, origin: Origin): NewUrls {
  const recorded: DiscoveredUrl[] = [];
  const unrecorded = new Map<PageReason, number>();
  const { depth, foundOn } = origin;
  for (const { url, reason } of locateNew(run, urls, origin)) {
    if (reason !== undefined) run.reasons.add(reason);
    if (foundOn !== undefined && reason === undefined) run.growth.addLink(url, foundOn);
    if (run.recorded < MAX_RECORDED) {
      recorded.push({ url, depth, order: run.recorded++, reason });
      continue;
    }
    const counted = reason ?? 'limit';
    run.reasons.add(counted);
    unrecorded.set(counted, (unrecorded.get(counted) ?? 0) + 1);
  }
  return { recorded, unrecorded };
}

function* locateNew(
  run: CrawlRun,
  urls: Iterable<string>,
  { depth, foundOn, from }: Origin,
): Generator<Pick<DiscoveredUrl, 'url' | 'reason'>> {
  const isEndless = foundOn !== undefined && run.growth.isEndless(foundOn);
  for (const link of urls) {
    const { url: canonical, reason = isEndless ? 'trap' : undefined } = run.scope.locate(link, depth);
    const url = canonical.slice(0, MAX_URL_LENGTH);
    if (reason === undefined && !run.frontier.hasSeen(url) && isDenied(run, url, from)) continue;
    if (run.frontier.markSeen(url)) yield { url, reason };
  }
}

/** Such a URL stays unseen: a page of an allowed origin may lead to it yet. */
function isDenied({ deps }: CrawlRun, url: string, from: string | undefined): boolean {
  if (from === undefined || deps.fetcher.mayLead(from, url)) return false;
  deps.noteDenied(url);
  return true;
}

const SITEMAP_BATCH = 200;

/** Adds the first URLs to the crawl: the start URL, and those that the site's sitemaps name. */
export async function seed(run: CrawlRun): Promise<void> {
  using _producer = run.frontier.addProducer();
  const { sitemap } = run.request;
  if (sitemap !== 'only') await discover(run, [run.startUrl], { depth: 0 });
  if (sitemap !== 'skip') await seedFromSitemaps(run);
}

async function seedFromSitemaps(run: CrawlRun): Promise<void> {
  const { fetcher, report } = run.deps;
  const verdict = await checkStartUrl(run);
  if (verdict.reason === 'robots-unreachable' || verdict.reason === 'not-public') return;
  const named = verdict.sitemaps;
  const urls = named.length > 0 ? named : defaultSitemaps(new URL(run.startUrl).origin);
  const onProblem = ({ url, error }: { readonly url: string; readonly error: unknown }) => {
    if (mayBeRead(error, named.length > 0)) run.unreadSitemaps.push(`${url}: ${explainFailure(error)}`);
    // A sitemap at a default address need not exist.
    if (named.length > 0)
      report({ crawlId: run.id, url, reason: String(error) }, 'sitemap could not be read');
  };
  let batch: string[] = [];
  let from = run.startUrl;
  const entries = readSitemaps({ fetcher, urls, from, signal: run.signal, onProblem });
  for await (const { url, lastmod, sitemap } of entries) {
    if (lastmod !== undefined) run.lastmods.set(run.scope.locate(url, 0).url, lastmod);
    if (batch.length >= SITEMAP_BATCH || sitemap !== from) {
      await discover(run, batch, { depth: 0, from });
      batch = [];
      from = sitemap;
    }
    batch.push(url);
    if (run.frontier.size > maxSeeds(run)) return;
  }
  await discover(run, batch, { depth: 0, from });
}

/** Whether there may be such a sitemap, though it was not read: any that is named, but for one that is gone. */
function mayBeRead(error: unknown, isNamed: boolean): boolean {
  if (!(error instanceof FetchError)) return true;
  const { status } = error;
  if (status !== undefined && isPassingStatus(status)) return true;
  return isNamed ? status !== 404 && status !== 410 : error.retryable;
}

/** What robots.txt says of the start URL, once the breaker of its host lets it be fetched. */
async function checkStartUrl({ deps, startUrl, signal }: CrawlRun): Promise<RobotsVerdict> {
  const breaker = deps.hosts.get(new URL(startUrl).host);
  for (let openings = 0; openings <= MAX_OPENINGS && deps.deadline?.expired !== true; ) {
    try {
      return await deps.robots.check(startUrl, signal);
    } catch (error) {
      if (!(error instanceof BreakerOpenError)) throw error;
      if (breaker.state === 'open') openings += 1;
      await delay(Math.max(error.retryAfterMs, 100), undefined, { signal });
    }
  }
  return { allowed: false, reason: 'robots-unreachable', sitemaps: [] };
}

/** A sitemap of 50,000 pages is not read to its end for a crawl of 100 pages. */
function maxSeeds({ request }: CrawlRun): number {
  return request.limit * 2 + 1000;
}
