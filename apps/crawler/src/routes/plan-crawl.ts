import type { CrawlPlan, CrawlRequest } from '@xnai/contracts';
import type { SendOut } from '../scrape/send-out.ts';

/**
 * Says which addresses a crawl would take, and with `explain` by which rule.
 * @throws {ServiceError} as `sendOut` does
 */
export async function planCrawl(
  sendOut: SendOut,
  request: CrawlRequest,
  signal: AbortSignal,
): Promise<CrawlPlan> {
  const { url, urls, degraded, warning } = await sendOut('survey', request, signal);
  const leftBy: Record<string, number> = {};
  for (const { reason } of urls) if (reason !== undefined) leftBy[reason] = (leftBy[reason] ?? 0) + 1;
  const planned = urls.map(({ url, foundIn, depth, reason, rule }) => ({
    url,
    foundIn,
    depth,
    taken: reason === undefined,
    ...(reason !== undefined && { reason }),
    ...(request.explain && { rule }),
  }));
  const taken = planned.filter((entry) => entry.taken).length;
  const about = { degraded, ...(warning !== undefined && { warning }) };
  return { dryRun: true, url, collection: request.collection, taken, leftBy, urls: planned, ...about };
}
