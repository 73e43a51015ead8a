import type { Crawl, PageResult } from '@xnai/contracts';
import type { CrawlEvent } from '@xnai/contracts/client';
import { crawler } from '../api.ts';

/** A crawl with the pages that its events told of, by address and oldest first. */
export interface Followed {
  readonly crawl: Crawl;
  readonly pages: ReadonlyMap<string, PageResult>;
}

/** Shown at most this often: a crawl of thousands of pages tells of all at once. */
const SHOW_MS = 100;

export const isEnded = ({ finishedAt }: Pick<Crawl, 'finishedAt'>): boolean => finishedAt !== null;

export interface Follower {
  readonly signal: AbortSignal;
  /** Called with what changed, and with the error of a lost connection. */
  readonly show: (state: Followed, lost?: unknown) => void;
}

/**
 * Follows a crawl to its end. A connection that is lost is taken up behind the last event that came.
 *
 * @throws {ClientError} when there is no such crawl
 */
export async function followCrawl(id: string, { signal, show }: Follower): Promise<void> {
  let crawl = await crawler.value.getCrawl(id, { signal });
  const pages = new Map<string, PageResult>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showNow = (lost?: unknown) => {
    clearTimeout(timer);
    timer = undefined;
    if (!signal.aborted) show({ crawl, pages }, lost);
  };
  showNow();
  try {
    for await (const event of crawler.value.followCrawl(id, { signal, onLost: showNow })) {
      if (event.event === 'page') pages.set(event.data.url, event.data);
      crawl = withEvent(crawl, event);
      timer ??= setTimeout(showNow, SHOW_MS);
    }
    crawl = await crawler.value.getCrawl(id, { signal });
    showNow();
  } finally {
    clearTimeout(timer);
  }
}

function withEvent(crawl: Crawl, { event, data }: CrawlEvent): Crawl {
  if (event === 'progress') return { ...crawl, counters: data.counters };
  return event === 'started' ? { ...crawl, status: 'running' } : crawl;
}
