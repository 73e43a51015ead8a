import type { PageReason } from '@xnai/contracts';
import { MAX_URL_LENGTH } from '@xnai/egress';
import type { Discovered } from '../ledger/page-log.ts';
import type { CrawlRun } from './run.ts';

/** So many URLs of a crawl are kept one by one; what is beyond is only counted. */
const MAX_RECORDED = 50_000;

/** Takes new URLs into the crawl: into the frontier, or with the reason why they are left out. */
export async function discover(run: CrawlRun, urls: Iterable<string>, depth: number): Promise<void> {
  const { pageLog } = run.deps;
  const { found, beyond } = sort(run, urls, depth);
  if (found.length > 0) await pageLog.discover(found);
  for (const [reason, count] of beyond) await pageLog.overflow(count, reason);
  for (const page of found) if (page.reason === undefined) run.frontier.add(page);
}

interface Sorted {
  readonly found: readonly Discovered[];
  readonly beyond: ReadonlyMap<PageReason, number>;
}

function sort(run: CrawlRun, urls: Iterable<string>, depth: number): Sorted {
  const found: Discovered[] = [];
  const beyond = new Map<PageReason, number>();
  for (const link of urls) {
    const { url: checked, reason } = run.scope.check(link, depth);
    const url = checked.slice(0, MAX_URL_LENGTH);
    if (!run.frontier.know(url)) continue;
    if (reason !== undefined) run.reasons.add(reason);
    if (run.recorded < MAX_RECORDED) {
      found.push({ url, depth, order: run.recorded++, ...(reason === undefined ? {} : { reason }) });
      continue;
    }
    const counted = reason ?? 'limit';
    run.reasons.add(counted);
    beyond.set(counted, (beyond.get(counted) ?? 0) + 1);
  }
  return { found, beyond };
}
