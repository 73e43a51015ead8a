import { readFileSync } from 'node:fs';
import { createScript, type Script } from '../redis/run-script.ts';

/** What happens to a crawl's record in one step; each file in `lua/` says what it takes and returns. */
const ABOUT_ONE_CRAWL = [
  'begin',
  'discover',
  'overflow',
  'commit',
  'denied',
  'skip',
  'crawled',
  'fail',
  'cancel',
  'cancelled',
  'acknowledge',
] as const;

export type CrawlScripts = Readonly<Record<'submit' | (typeof ABOUT_ONE_CRAWL)[number], Script>>;

export function readCrawlScripts(): CrawlScripts {
  const common = part('crawl');
  const steps = ABOUT_ONE_CRAWL.map((name) => [name, createScript(common, part(name))]);
  return { ...Object.fromEntries(steps), submit: createScript(part('submit')) };
}

function part(name: string): string {
  return readFileSync(new URL(`lua/${name}.lua`, import.meta.url), 'utf8');
}
