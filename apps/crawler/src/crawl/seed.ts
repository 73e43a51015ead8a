import { defaultSitemaps, readSitemaps } from '@xnai/egress';
import { discover } from './discover.ts';
import type { CrawlRun } from './run.ts';

const BATCH = 200;

/** Puts the first URLs into the frontier: the start URL, and what the site's sitemaps name. */
export async function seed(run: CrawlRun): Promise<void> {
  using _hold = run.frontier.hold();
  const { sitemap } = run.request;
  if (sitemap !== 'only') await discover(run, [run.startUrl], 0);
  if (sitemap !== 'skip') await seedFromSitemaps(run);
}

async function seedFromSitemaps(run: CrawlRun): Promise<void> {
  const { robots, fetcher, report } = run.deps;
  const verdict = await robots.check(run.startUrl, run.signal);
  if (verdict.reason === 'robots-unreachable' || verdict.reason === 'not-public') return;
  const named = verdict.sitemaps;
  const urls = named.length > 0 ? named : defaultSitemaps(new URL(run.startUrl).origin);
  const onProblem = (problem: object) => {
    // A sitemap that nobody promised need not be there.
    if (named.length > 0) report({ crawlId: run.id, ...problem }, 'sitemap could not be read');
  };
  const entries = readSitemaps({ fetcher, urls, signal: run.signal, onProblem });
  let batch: string[] = [];
  for await (const { url } of entries) {
    batch.push(url);
    if (batch.length < BATCH) continue;
    await discover(run, batch, 0);
    batch = [];
    if (run.frontier.size > enough(run)) return;
  }
  await discover(run, batch, 0);
}

/** A sitemap of 50,000 pages is not read to its end for the sake of 100. */
function enough({ request }: CrawlRun): number {
  return request.limit * 2 + 1000;
}
