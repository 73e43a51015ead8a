import type { Registry } from '@xnai/resilience';
import { type App, addBreakers, type Check, createApp, type KeyRing, type Logger } from '@xnai/service';
import { addCrawlRoutes, type CrawlRoutesDeps } from './routes/crawls.ts';
import { addCrawlEvents, type CrawlEventsDeps } from './routes/events.ts';
import { addScrape, type ScrapeRouteDeps } from './routes/scrape.ts';

export interface AppDeps extends CrawlRoutesDeps, CrawlEventsDeps, ScrapeRouteDeps {
  readonly log: Logger;
  readonly keys: KeyRing;
  readonly checks: readonly Check[];
  readonly rateLimitPerMinute: number;
  readonly breakers: Registry;
}

export async function buildApp(deps: AppDeps): Promise<App> {
  const { log, keys, checks, rateLimitPerMinute } = deps;
  const app = await createApp({ name: 'crawler', version: '0.2.0', log, keys, checks, rateLimitPerMinute });
  addCrawlRoutes(app, deps);
  addCrawlEvents(app, deps);
  addScrape(app, deps);
  addBreakers(app, deps.breakers);
  return app;
}
