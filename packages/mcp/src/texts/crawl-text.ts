import type { Crawl, CrawlAccepted } from '@xnai/contracts';
import { degradedText } from './degraded-text.ts';

export function acceptedText({ id, url, status, collection }: CrawlAccepted): string {
  return `Crawl ${id} of ${url} into the collection "${collection}" is ${status}. crawl_status says how far it is.`;
}

export function crawlText({ id, url, status, counters, skippedBy, ...crawl }: Crawl): string {
  const why = crawl.stopReason === null ? '' : ` (${crawl.stopReason})`;
  const counts = Object.entries(counters).filter(([, count]) => count > 0);
  const reasons = Object.entries(skippedBy);
  return [
    `Crawl ${id} of ${url}: ${status}${why}`,
    `Addresses: ${named(counts) || 'none yet'}`,
    ...(reasons.length === 0 ? [] : [`Skipped by reason: ${named(reasons)}`]),
    ...[crawl.error, crawl.warning].filter((text) => text !== undefined),
    ...degradedText(crawl.degraded),
  ].join('\n');
}

function named(counts: readonly (readonly [string, number])[]): string {
  return counts.map(([name, count]) => `${name} ${count}`).join(', ');
}
