import type { PageReason, PageResult } from '@xnai/contracts';
import type { Redis } from 'ioredis';

/** A URL that waits in the frontier, as its row in Redis stores it. */
export interface QueuedRow {
  readonly depth: number;
  /** Its place in the order of discovery. */
  readonly order: number;
}

export function queuedRow(depth: number, order: number): string {
  return `q:${depth}:${order}`;
}

export function parseQueuedRow(row: string): QueuedRow | undefined {
  const match = /^q:(\d+):(\d+)$/.exec(row);
  return match === null ? undefined : { depth: Number(match[1]), order: Number(match[2]) };
}

/** The row of a URL that was not requested. */
export function skippedPage(url: string, depth: number, reason: PageReason): PageResult {
  return { url, status: 'skipped', reason, httpStatus: null, depth, bytes: 0, ms: 0 };
}

const DENIED = 'refused ';

/** The field of a request that a page made and that was denied. No URL contains a space. */
export function deniedField(url: string): string {
  return `${DENIED}${url}`;
}

export function isDeniedField(field: string): boolean {
  return field.startsWith(DENIED);
}

const SCAN_BATCH = 1000;

/** The rows of a crawl's pages in batches, as pairs of field and row. */
export async function* scanRows(redis: Redis, pages: string): AsyncGenerator<[field: string, row: string][]> {
  let cursor = '0';
  do {
    const [next, entries] = await redis.hscan(pages, cursor, 'COUNT', SCAN_BATCH);
    cursor = next;
    yield Array.from({ length: entries.length / 2 }, (_, i) => [
      entries[2 * i] ?? '',
      entries[2 * i + 1] ?? '',
    ]);
  } while (cursor !== '0');
}
