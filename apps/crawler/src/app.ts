import type { Registry } from '@xnai/resilience';
import { type App, addBreakers } from '@xnai/service';
import { addFirecrawl, type FirecrawlDeps } from './firecrawl/add-firecrawl.ts';
import { addBatch } from './routes/batch.ts';
import { addCrawlRoutes } from './routes/crawls.ts';
import { addCrawlEvents, type CrawlEventsDeps } from './routes/events.ts';
import { addMap } from './routes/map.ts';
import { addSchedules } from './routes/schedules.ts';
import { addScrape, type ScrapeRouteDeps } from './routes/scrape.ts';

export interface RoutesDeps extends FirecrawlDeps, CrawlEventsDeps, ScrapeRouteDeps {
  readonly breakers: Registry;
}

export async function addRoutes(app: App, deps: RoutesDeps): Promise<void> {
  addCrawlRoutes(app, deps);
  addCrawlEvents(app, deps);
  addScrape(app, deps);
  addMap(app, deps);
  addBatch(app, deps);
  addSchedules(app, deps);
  await addFirecrawl(app, deps);
  addBreakers(app, deps.breakers);
}
