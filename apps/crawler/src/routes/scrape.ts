import { ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { Resource } from '@xnai/resilience';
import type { App } from '@xnai/service';
import type { Scrape } from '../scrape/scrape.ts';
import { admitWork } from './admit-work.ts';

export interface ScrapeRouteDeps {
  readonly scrape: Scrape;
  readonly memory: Pick<Resource, 'admit'>;
}

export function addScrape(app: App, { scrape, memory }: ScrapeRouteDeps): void {
  const schema = {
    body: ScrapeRequest,
    response: { 200: ScrapedPage },
    summary: 'Fetch one page and give it back, without indexing it',
  };
  app.post('/v1/scrape', { config: { scope: 'crawl' }, onRequest: admitWork(memory), schema }, (request) =>
    scrape(request.body, request.signal),
  );
}
