import { ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { App } from '@xnai/service';
import type { Scrape } from '../scrape.ts';

export interface ScrapeRouteDeps {
  readonly scrape: Scrape;
}

export function addScrape(app: App, { scrape }: ScrapeRouteDeps): void {
  const schema = {
    body: ScrapeRequest,
    response: { 200: ScrapedPage },
    summary: 'Fetch one page and give it back, without indexing it',
  };
  app.post('/v1/scrape', { config: { scope: 'crawl' }, schema }, (request) =>
    scrape(request.body, request.signal),
  );
}
