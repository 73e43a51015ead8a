import type { Crawl, CrawlRequest, PageStatus } from '@xnai/contracts';
import { newRecord } from './record.ts';

/** What is known of a crawl whose record is gone. */
export interface LostCrawl {
  readonly request: CrawlRequest;
  /** The record as it was last seen; undefined when it never was. */
  readonly last: Crawl | undefined;
  /** Pages by status since the process of the crawl began, as that counted them, and the record at that time. */
  readonly pages: Partial<Record<PageStatus, number>>;
  readonly before: Crawl | undefined;
}

/**
 * The record of a crawl that Redis has lost, with what was done until then. A page of which it is not known that rag has
 * it counts as skipped.
 */
export function lostRecord(
  { request, last, pages, before }: LostCrawl,
  nowMs: number,
): Record<string, string> {
  const seen = last?.counters ?? before?.counters;
  const count = (name: 'fetched' | 'failed', ...statuses: PageStatus[]) => {
    const own = statuses.reduce((sum, status) => sum + (pages[status] ?? 0), before?.counters[name] ?? 0);
    return Math.max(seen?.[name] ?? 0, own);
  };
  const fetched = count('fetched', 'fetched', 'unchanged');
  const failed = count('failed', 'failed');
  const { indexed = 0, added = 0, changed = 0, unchanged = 0, removed = 0 } = seen ?? {};
  const discovered = Math.max(seen?.discovered ?? 0, fetched + failed);
  const skipped = discovered - indexed - unchanged - failed;
  const counters = { discovered, fetched, indexed, added, changed, unchanged, removed, skipped, failed };
  const reasons = { ...last?.skippedBy };
  const cancelled = skipped - Object.values(reasons).reduce((sum, n) => sum + n, 0);
  if (cancelled > 0) reasons['cancelled'] = (reasons['cancelled'] ?? 0) + cancelled;
  return {
    ...newRecord(request, timeOf(last?.createdAt) ?? nowMs),
    startedAt: String(timeOf(last?.startedAt) ?? nowMs),
    ...prefixed('n:', counters),
    ...prefixed('s:', reasons),
  };
}

function timeOf(iso: string | null | undefined): number | undefined {
  return iso ? Date.parse(iso) : undefined;
}

function prefixed(prefix: string, numbers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, n]) => [`${prefix}${name}`, String(n)]));
}
