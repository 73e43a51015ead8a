import { Crawl, CrawlCounters, CrawlRequest, type DegradedToken } from '@xnai/contracts';

/** Prefix of the fields that hold the `degraded` tokens of a crawl. */
export const DEGRADED = 'd:';

const COUNTERS = Object.keys(CrawlCounters.shape);

/** A crawl's hash in Redis, as the API shows it. `isRagDown` matters while the crawl still needs rag. */
export function crawlOf(id: string, record: Record<string, string>, isRagDown: boolean): Crawl {
  const status = record['status'];
  const isOpen = status === 'running' || status === 'stopping';
  const lacking = Object.keys(record).filter((field) => field.startsWith(DEGRADED));
  const degraded = [
    ...(isOpen && isRagDown ? ['rag' as const] : []),
    ...lacking.map((field) => field.slice(DEGRADED.length) as DegradedToken),
  ];
  return Crawl.parse({
    id,
    url: record['url'],
    collection: record['collection'],
    status,
    counters: countersOf(record),
    skippedBy: skippedBy(record),
    stopReason: record['stopReason'] ?? null,
    ...(record['error'] === undefined ? {} : { error: record['error'] }),
    ...(record['warning'] === undefined ? {} : { warning: record['warning'] }),
    degraded,
    createdAt: isoOf(record['createdAt']),
    startedAt: isoOf(record['startedAt']),
    finishedAt: isoOf(record['finishedAt']),
  });
}

/** The fields of a new crawl. */
export function newRecord(request: CrawlRequest, nowMs: number): Record<string, string> {
  return {
    status: 'queued',
    url: request.url,
    collection: request.collection,
    request: JSON.stringify(request),
    createdAt: String(nowMs),
  };
}

export function requestOf(record: Record<string, string>): CrawlRequest {
  return CrawlRequest.parse(JSON.parse(record['request'] ?? 'null'));
}

function countersOf(record: Record<string, string>): CrawlCounters {
  return Object.fromEntries(
    COUNTERS.map((name) => [name, Number(record[`n:${name}`] ?? 0)]),
  ) as CrawlCounters;
}

function skippedBy(record: Record<string, string>): Record<string, number> {
  const reasons = Object.entries(record).filter(([field]) => field.startsWith('s:'));
  return Object.fromEntries(reasons.map(([field, count]) => [field.slice(2), Number(count)]));
}

function isoOf(ms: string | undefined): string | null {
  return ms === undefined ? null : new Date(Number(ms)).toISOString();
}
