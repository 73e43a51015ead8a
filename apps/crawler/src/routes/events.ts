import { type App, openEventStream } from '@xnai/service';
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
      const stream = openEventStream(request, reply);
      const after = stream.lastEventId;
      const events = deps.follow(id, after && isEventId(after) ? after : undefined, stream.signal);
      try {
        for await (const event of events) await stream.send(event.type, JSON.parse(event.data), event.id);
        stream.end();
      } catch (error) {
        await stream.fail(error);
      }
    },
  );
}
