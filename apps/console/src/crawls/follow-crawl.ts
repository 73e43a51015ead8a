import { type CRAWL_EVENTS, type Crawl, CrawlStatus, type PageResult } from '@xnai/contracts';
import { ClientError, type StreamEvent } from '@xnai/contracts/client';
import { crawler } from '../api.ts';

/** A crawl with the pages that its events told of, by address and newest first. */
export interface Followed {
  readonly crawl: Crawl;
  readonly pages: ReadonlyMap<string, PageResult>;
}

const ENDED: readonly string[] = CrawlStatus.exclude(['queued', 'running', 'stopping']).options;
const AGAIN_MS = 1_000;

export const isEnded = ({ status }: Pick<Crawl, 'status'>): boolean => ENDED.includes(status);

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
  let state: Followed = { crawl: await crawler.value.getCrawl(id, { signal }), pages: new Map() };
  let lastEventId: string | undefined;
  const readEvents = async () => {
    const from = lastEventId === undefined ? {} : { lastEventId };
    for await (const event of crawler.value.crawlEvents(id, { signal, ...from })) {
      lastEventId = event.id ?? lastEventId;
      state = withEvent(state, event);
      show(state);
    }
    state = { ...state, crawl: await crawler.value.getCrawl(id, { signal }) };
    show(state);
  };
  show(state);
  while (!signal.aborted) {
    try {
      await readEvents();
      if (isEnded(state.crawl)) return;
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      show(state, error);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

const isPassing = (error: unknown) => error instanceof ClientError && error.retryable;

function withEvent(state: Followed, { event, data }: StreamEvent<typeof CRAWL_EVENTS>): Followed {
  const { crawl, pages } = state;
  switch (event) {
    case 'page':
      return { crawl, pages: new Map([...pages, [data.url, data]]) };
    case 'progress':
      return { pages, crawl: { ...crawl, counters: data.counters } };
    case 'started':
      return { pages, crawl: { ...crawl, status: 'running' } };
    case 'finished':
      return state;
  }
}
