import type { Registry } from '@xnai/resilience';
import { type App, addBreakers } from '@xnai/service';
import { addCrawlRoutes, type CrawlRoutesDeps } from './routes/crawls.ts';
import { addCrawlEvents, type CrawlEventsDeps } from './routes/events.ts';
import { addMap } from './routes/map.ts';
import { addSchedules } from './routes/schedules.ts';
import { addScrape, type ScrapeRouteDeps } from './routes/scrape.ts';

export interface RoutesDeps extends CrawlRoutesDeps, CrawlEventsDeps, ScrapeRouteDeps {
  readonly breakers: Registry;
}

export function addRoutes(app: App, deps: RoutesDeps): void {
  addCrawlRoutes(app, deps);
  addCrawlEvents(app, deps);
  addScrape(app, deps);
  addMap(app, deps);
  addSchedules(app, deps);
  addBreakers(app, deps.breakers);
}
