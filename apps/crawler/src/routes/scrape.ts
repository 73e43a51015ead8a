import { ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { Resource } from '@xnai/resilience';
import type { App } from '@xnai/service';
import type { SendOut } from '../scrape/send-out.ts';
import { admitWork } from './admit-work.ts';

export interface ScrapeRouteDeps {
  readonly sendOut: SendOut;
  readonly memory: Pick<Resource, 'admit'>;
}

export function addScrape(app: App, { sendOut, memory }: ScrapeRouteDeps): void {
  const schema = {
    body: ScrapeRequest,
    response: { 200: ScrapedPage },
    summary: 'Fetch one page and give it back, without indexing it',
  };
  app.post('/v1/scrape', { config: { scope: 'crawl' }, onRequest: admitWork(memory), schema }, (request) =>
    sendOut('scrape', request.body, request.signal),
  );
}
