import type { PageReason, PageResult } from '@xnai/contracts';

/** A URL that waits in the frontier, as its row in Redis says. */
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

/** The row of a URL that was never asked for. */
export function skippedPage(url: string, depth: number, reason: PageReason): PageResult {
  return { url, status: 'skipped', reason, httpStatus: null, depth, bytes: 0, ms: 0 };
}

const REFUSED = 'refused ';

/** The field of what a page asked for and was refused; no URL has a space. */
export function refusedField(url: string): string {
  return `${REFUSED}${url}`;
}

export function isRefusedField(field: string): boolean {
  return field.startsWith(REFUSED);
}
