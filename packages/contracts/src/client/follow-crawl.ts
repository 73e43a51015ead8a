import type { CRAWL_EVENTS, Crawl } from '../index.ts';
import type { CallOptions, StreamEvent } from './calls.ts';
import { ClientError } from './client-error.ts';

export type CrawlEvent = StreamEvent<typeof CRAWL_EVENTS>;

export interface FollowOptions extends CallOptions {
  /** Called when the connection is lost, before it is opened again; what it throws ends the following. */
  readonly onLost?: (error: ClientError) => void;
}

interface Followed {
  readonly events: (options: CallOptions & { readonly lastEventId?: string }) => AsyncIterable<CrawlEvent>;
  readonly state: (options: CallOptions) => Promise<Crawl>;
}

const AGAIN_MS = 1_000;

/** The events of a crawl to its end. A connection that is lost is taken up behind the last event that came. */
export async function* followCrawl(
  { events, state }: Followed,
  { onLost, ...options }: FollowOptions,
): AsyncGenerator<CrawlEvent, void> {
  let from: { readonly lastEventId?: string } = {};
  for (;;) {
    try {
      for await (const event of events({ ...options, ...from })) {
        if (event.id !== undefined) from = { lastEventId: event.id };
        yield event;
        if (event.event === 'finished') return;
      }
      // Its last events may be gone already.
      if ((await state(options)).finishedAt !== null) return;
    } catch (error) {
      const passing = toPassing(error);
      onLost?.(passing);
    }
    await pause(AGAIN_MS, options.signal);
  }
}

/** @throws what will not pass */
function toPassing(error: unknown): ClientError {
  if (error instanceof ClientError && error.retryable) return error;
  throw error;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
