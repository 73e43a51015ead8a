import { addCrawlMcp } from '@xnai/mcp/http';
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
  readonly corsOrigins: readonly string[];
}

export async function addRoutes(app: App, deps: RoutesDeps): Promise<void> {
  addCrawlRoutes(app, deps);
  addCrawlEvents(app, deps);
  addScrape(app, deps);
  addMap(app, deps);
  addBatch(app, deps);
  addSchedules(app, deps);
  await addFirecrawl(app, deps);
  addCrawlMcp(app, deps.corsOrigins);
  addBreakers(app, deps.breakers);
}
