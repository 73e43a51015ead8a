import { createParser } from 'css-selector-parser';
import { z } from 'zod';
import { Degraded } from './degraded.ts';
import { CollectionName } from './names.ts';
import { PageReason, PageResult } from './page-results.ts';
import { NextCursor } from './paging.ts';
import { CrawlSchedule } from './schedules.ts';
import { Webhook } from './webhooks.ts';

const PathPatterns = z
  .array(z.string().min(1).max(500).refine(isRegex, 'expected a regular expression'))
  .max(100);

function isRegex(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

export const Render = z.enum(['auto', 'never', 'always']).meta({
  id: 'Render',
  description: 'When a browser runs the scripts of a page; `auto`: where a page is empty without them',
});
export type Render = z.infer<typeof Render>;

/** `waitFor` needs a browser. */
export function waitsOnlyInBrowser({
  render,
  waitFor = 0,
}: {
  render: Render;
  waitFor?: number | string | undefined;
}) {
  return render !== 'never' || waitFor === 0;
}

export const WAITS_IN_BROWSER = {
  path: ['waitFor'],
  message: 'needs a browser, which render "never" rules out',
};

const MAX_WAIT_MS = 30_000;
const WAIT_EXPECTED = `expected milliseconds from 0 to ${MAX_WAIT_MS}, or a valid CSS selector`;

/** What a browser waits for before it takes a page, besides its scripts and requests. */
export const WaitFor = z
  .union(
    [z.int().min(0).max(MAX_WAIT_MS), z.string().max(300).refine(isSelector, WAIT_EXPECTED)],
    WAIT_EXPECTED,
  )
  .describe(
    'Milliseconds, or a CSS selector of what must be there; a page without it is taken after 10 seconds, and `warning` says so',
  )
  .meta({ id: 'WaitFor' });

/** Pseudo-classes that it does not know are for the browser to judge. */
const parseSelector = createParser({
  syntax: { baseSyntax: 'latest', pseudoClasses: { unknown: 'accept' } },
});

function isSelector(text: string): boolean {
  try {
    parseSelector(text);
    return true;
  } catch {
    return false;
  }
}

export const CrawlType = z
  .enum(['html', 'markdown', 'text', 'feed', 'pdf', 'office', 'epub', 'csv', 'json'])
  .meta({
    id: 'CrawlType',
    description:
      'What a crawl may take. Feeds are RSS and Atom; `text` has reStructuredText and source code, `json` has NDJSON, `csv` has TSV.',
  });
export type CrawlType = z.infer<typeof CrawlType>;

/** A crawl as submitted. Field names follow Firecrawl; patterns are matched against the URL's path. */
export const CrawlRequest = z
  .strictObject({
    url: z.string().min(1).max(2000).describe('Where the crawl begins'),
    collection: CollectionName.default('default'),
    limit: z.int().min(1).max(10_000).default(100).describe('Largest number of pages'),
    maxDiscoveryDepth: z.int().min(0).max(100).optional().describe('Largest number of links from the start'),
    includePaths: PathPatterns.optional().describe('Regular expressions: only pages with such a path'),
    excludePaths: PathPatterns.optional().describe('Regular expressions: no pages with such a path'),
    crawlEntireDomain: z
      .boolean()
      .default(false)
      .describe('Also pages that are not below the path of the start'),
    allowSubdomains: z.boolean().default(false).describe('Also subdomains of the host'),
    allowExternalLinks: z.boolean().default(false).describe('Also pages of other hosts that are linked'),
    sitemap: z
      .enum(['include', 'skip', 'only'])
      .default('include')
      .describe('Whether sitemaps are read: beside links, not, or alone'),
    ignoreQueryParameters: z
      .boolean()
      .default(false)
      .describe('Takes URLs that differ in their query for one page'),
    delay: z.number().min(0).max(60).optional().describe('Seconds between two requests to a host'),
    maxConcurrency: z.int().min(1).max(50).optional().describe('Largest number of requests at a time'),
    render: Render.default('auto'),
    webhook: Webhook.optional().describe('Gets the events of the crawl'),
    waitFor: WaitFor.optional(),
    types: z
      .array(CrawlType)
      .min(1)
      .max(20)
      .default([...CrawlType.options])
      .describe('Types of documents that are taken. Pages of HTML are read for links in any case'),
    prune: z
      .boolean()
      .default(false)
      .describe('Also deletes documents of the site that nothing leads to any more'),
    schedule: CrawlSchedule.optional().describe('Repeats the crawl, whose first run begins at once'),
    dryRun: z
      .boolean()
      .default(false)
      .describe('Crawls nothing: the answer says at once which addresses would be taken'),
    explain: z
      .boolean()
      .default(false)
      .describe('With `dryRun`: names the rule that decides on each address'),
  })
  .refine(({ explain, dryRun }) => dryRun || !explain, {
    path: ['explain'],
    message: 'belongs to dryRun; /v1/crawls/{id}/pages has the reasons of a crawl',
  })
  .refine(waitsOnlyInBrowser, WAITS_IN_BROWSER)
  .meta({ id: 'CrawlRequest' });
export type CrawlRequest = z.infer<typeof CrawlRequest>;

export const PlannedUrl = z
  .object({
    url: z.string().describe('The address'),
    foundIn: z.enum(['request', 'sitemap', 'page']).describe('Where it was found'),
    depth: z.int().describe('Number of links from the start'),
    taken: z.boolean().describe('Whether the crawl would take it'),
    reason: PageReason.optional().describe('Why it is left out'),
    rule: z.string().optional().describe('With `explain`: what takes it or leaves it out, in words'),
  })
  .meta({
    id: 'PlannedUrl',
    description: 'An address as a crawl would meet it, before any page but the first ones is fetched',
  });
export type PlannedUrl = z.infer<typeof PlannedUrl>;

/** Answer to `dryRun`: the addresses that the sitemaps and the first pages of the site show. */
export const CrawlPlan = z
  .object({
    dryRun: z.literal(true).describe('Tells a plan from a crawl'),
    url: z.string().describe('The start address, after redirects'),
    collection: CollectionName,
    taken: z.int().describe('Number of addresses that would be taken'),
    leftBy: z.record(z.string(), z.int()).describe('Number of addresses that are left out, by reason'),
    urls: z.array(PlannedUrl).describe('In the order in which they are found'),
    degraded: Degraded,
    warning: z.string().optional().describe('What could not be done as asked'),
  })
  .meta({ id: 'CrawlPlan' });
export type CrawlPlan = z.infer<typeof CrawlPlan>;

export const CrawlStatus = z
  .enum(['queued', 'running', 'stopping', 'completed', 'completed_with_errors', 'cancelled', 'failed'])
  .meta({ id: 'CrawlStatus', description: 'State of a crawl; the last four are final' });
export type CrawlStatus = z.infer<typeof CrawlStatus>;

export const StopReason = z
  .enum([
    'exhausted',
    'limit',
    'depth',
    'budget',
    'trap',
    'robots',
    'breaker',
    'storage',
    'redis-lost',
    'user',
  ])
  .meta({
    id: 'StopReason',
    description:
      "Why a crawl ended. `exhausted`: no URL was left. `limit`, `depth`: the request's own. `budget`: the time limit of crawls. `robots`, `breaker`: robots.txt or a breaker kept the rest back. `storage`: no room to work in. `redis-lost`: Redis lost its data while the crawl ran. `user`: cancelled. `trap` is reserved and never given: a suspected endless series skips its pages, and the crawl goes on.",
  });
export type StopReason = z.infer<typeof StopReason>;

export const CrawlCounters = z
  .object({
    discovered: z.int().describe('All that were found'),
    queued: z.int().describe('Still to be fetched'),
    fetched: z.int().describe('Fetched'),
    indexed: z.int().describe('Acknowledged by rag as new or changed'),
    added: z.int().describe('Of these, new documents'),
    changed: z.int().describe('Of these, documents that were there before'),
    unchanged: z.int().describe('Acknowledged by rag as it has them'),
    removed: z.int().describe('Whose document was deleted, since the page is gone'),
    skipped: z.int().describe('Left out for a reason'),
    failed: z.int().describe('Not fetched or not taken'),
  })
  .meta({ id: 'CrawlCounters', description: 'Numbers of URLs by what became of them' });
export type CrawlCounters = z.infer<typeof CrawlCounters>;

/** A crawl as it stands; times are ISO 8601, `skippedBy` counts URLs by reason. */
export const Crawl = z
  .object({
    id: z.string().describe('Of the crawl'),
    url: z.string().describe('Where it began'),
    collection: CollectionName,
    status: CrawlStatus,
    counters: CrawlCounters,
    skippedBy: z.record(z.string(), z.int()).describe('Number of URLs that were left out, by reason'),
    stopReason: StopReason.nullable().describe('Why it ended; null before'),
    error: z.string().optional().describe('What failed'),
    warning: z.string().optional().describe('What the crawl left undone, and why'),
    degraded: Degraded,
    createdAt: z.iso.datetime().describe('When it was submitted'),
    startedAt: z.iso.datetime().nullable().describe('When it began'),
    finishedAt: z.iso.datetime().nullable().describe('When it ended'),
  })
  .meta({ id: 'Crawl' });
export type Crawl = z.infer<typeof Crawl>;

/** Answer to a submitted crawl. */
export const CrawlAccepted = z
  .object({
    id: z.string().describe('Of the crawl'),
    status: CrawlStatus,
    url: z.string().describe('Where it begins'),
    collection: CollectionName,
    scheduleId: z.string().optional().describe('There when the crawl is repeated'),
  })
  .meta({ id: 'CrawlAccepted' });
export type CrawlAccepted = z.infer<typeof CrawlAccepted>;

/** One page of crawls, newest first. */
export const CrawlList = z
  .object({ crawls: z.array(Crawl).describe('Newest first'), next_cursor: NextCursor })
  .meta({ id: 'CrawlList' });
export type CrawlList = z.infer<typeof CrawlList>;

/** Data of the events of a crawl, by their names. `progress` comes once a second at most. */
export const CRAWL_EVENTS = {
  started: z.object({ id: z.string(), url: z.string() }),
  page: PageResult,
  progress: z.object({ counters: CrawlCounters }),
  finished: Crawl.pick({ id: true, status: true, stopReason: true, error: true, counters: true }),
} as const;
