import { type App, streamEvents } from '@xnai/service';
import { readCrawl } from '../jobs/submit.ts';
import { type CrawlEvent, isEventId } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { CrawlParams, crawlId } from './crawls.ts';

export interface CrawlEventsDeps {
  readonly ledger: Ledger;
  /** Events after the given one, then each new one until the crawl's end. */
  readonly follow: (id: string, after: string | undefined, signal: AbortSignal) => AsyncIterable<CrawlEvent>;
}

const textAnswer = {
  type: 'text/event-stream',
  description:
    '`started`, `page` (`PageResult`), `progress` (counters), `finished`, each with an id to resume at',
};

export function addCrawlEvents(app: App, deps: CrawlEventsDeps): void {
  app.get(
    '/v1/crawls/:id/events',
    {
      config: { scope: 'crawl', textAnswer },
      schema: {
        params: CrawlParams,
        summary: 'Server-sent events: started, page, progress, finished; resumable by Last-Event-ID',
      },
    },
    async (request, reply) => {
      const { id } = await readCrawl(deps, crawlId(request.params));
      await streamEvents(request, reply, async ({ lastEventId, signal, send }) => {
        const after = lastEventId && isEventId(lastEventId) ? lastEventId : undefined;
        for await (const { type, data, id: eventId } of deps.follow(id, after, signal)) {
          await send(type, JSON.parse(data), eventId);
        }
      });
    },
  );
}
