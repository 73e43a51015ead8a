import type { CRAWL_EVENTS, Crawl, PageResult } from '@xnai/contracts';
import { ClientError, type StreamEvent } from '@xnai/contracts/client';
import { crawler } from '../api.ts';

/** A crawl with the pages that its events told of, by address and oldest first. */
export interface Followed {
  readonly crawl: Crawl;
  readonly pages: ReadonlyMap<string, PageResult>;
}

const AGAIN_MS = 1_000;
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
  let lastEventId: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const showNow = (lost?: unknown) => {
    clearTimeout(timer);
    timer = undefined;
    if (!signal.aborted) show({ crawl, pages }, lost);
  };
  const readEvents = async () => {
    const from = lastEventId === undefined ? {} : { lastEventId };
    for await (const event of crawler.value.crawlEvents(id, { signal, ...from })) {
      lastEventId = event.id ?? lastEventId;
      if (event.event === 'page') pages.set(event.data.url, event.data);
      crawl = withEvent(crawl, event);
      timer ??= setTimeout(showNow, SHOW_MS);
    }
    crawl = await crawler.value.getCrawl(id, { signal });
    showNow();
  };
  showNow();
  while (!signal.aborted) {
    try {
      await readEvents();
      if (isEnded(crawl)) return;
    } catch (error) {
      clearTimeout(timer);
      if (signal.aborted || !isPassing(error)) throw error;
      showNow(error);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

const isPassing = (error: unknown) => error instanceof ClientError && error.retryable;

function withEvent(crawl: Crawl, { event, data }: StreamEvent<typeof CRAWL_EVENTS>): Crawl {
  if (event === 'progress') return { ...crawl, counters: data.counters };
  return event === 'started' ? { ...crawl, status: 'running' } : crawl;
}
