import { PageResult } from '@xnai/contracts';
import type { Redis } from 'ioredis';
import { crawlKeys } from './scripts.ts';

export interface PageSlice {
  readonly pages: PageResult[];
  readonly next: string | undefined;
}

/**
 * Reads the results of a crawl in the order of their arrival.
 * @throws {RangeError} for a cursor that this list did not issue
 */
export function createResults({ redis }: { readonly redis: Redis }) {
  async function slice(id: string, listKey: string, cursor: string | undefined, limit: number) {
    const start = cursor === undefined ? 0 : offsetOf(cursor);
    const urls = await redis.lrange(listKey, start, start + limit);
    const rows = urls.length === 0 ? [] : await redis.hmget(crawlKeys(id).pages, ...urls.slice(0, limit));
    const pages = rows.flatMap((row) => (row === null ? [] : [PageResult.parse(JSON.parse(row))]));
    return { pages, next: urls.length > limit ? cursorOf(start + limit) : undefined };
  }

  return {
    pages: (id: string, cursor: string | undefined, limit: number): Promise<PageSlice> =>
      slice(id, crawlKeys(id).order, cursor, limit),
    errors: (id: string, cursor: string | undefined, limit: number): Promise<PageSlice> =>
      slice(id, crawlKeys(id).errors, cursor, limit),
  };
}

export type Results = ReturnType<typeof createResults>;

export function cursorOf(offset: number): string {
  return Buffer.from(`o${offset}`).toString('base64url');
}

/** @throws {RangeError} for a cursor that no list issued */
export function offsetOf(cursor: string): number {
  const match = /^o(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw new RangeError('not a cursor of this list');
  return Number(match[1]);
}
