import { type App, streamEvents } from '@xnai/service';
import { z } from 'zod';
import { readCrawl } from '../jobs/submit.ts';
import { type CrawlEvent, isEventId } from '../ledger/events.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { crawlId } from './crawls.ts';

export interface CrawlEventsDeps {
  readonly ledger: Ledger;
  /** Events after the given one, then each new one until the crawl's end. */
  readonly follow: (id: string, after: string | undefined, signal: AbortSignal) => AsyncIterable<CrawlEvent>;
}

export function addCrawlEvents(app: App, deps: CrawlEventsDeps): void {
  app.get(
    '/v1/crawls/:id/events',
    {
      config: { scope: 'crawl' },
      schema: {
        params: z.strictObject({ id: z.string() }),
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
