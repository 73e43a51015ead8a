import { Crawl, CrawlAccepted, CrawlRequest, ScrapedPage, ScrapeRequest } from '@xnai/contracts';
import type { CrawlClient } from '@xnai/contracts/client';
import { z } from 'zod';
import { acceptedText, crawlText } from '../texts/crawl-text.ts';
import { pageText } from '../texts/page-text.ts';
import { defineTool, type Tool } from './tool.ts';

/** What a model may set of a crawl. Where events are sent and what is repeated or deleted is for people to say. */
const CrawlInput = z.strictObject(CrawlRequest.shape).pick({
  url: true,
  collection: true,
  limit: true,
  maxDiscoveryDepth: true,
  includePaths: true,
  excludePaths: true,
  crawlEntireDomain: true,
  allowSubdomains: true,
  sitemap: true,
  render: true,
});

/** A screenshot is of no use to most models, and large. */
const ScrapeInput = z.strictObject(ScrapeRequest.shape).pick({ url: true, render: true });

const CrawlId = z.strictObject({ id: z.string().describe('As crawl gives it') });

/** What a model may do with the crawler. */
export function crawlTools(crawler: CrawlClient): readonly Tool[] {
  return [
    defineTool({
      name: 'crawl',
      title: 'Crawl a site',
      description:
        'Begins to fetch the pages of a site and to index them into a collection, where search and ask find them. Returns at once with an id for crawl_status.',
      input: CrawlInput,
      output: CrawlAccepted,
      changes: true,
      run: (input, options) => crawler.submitCrawl(input, options),
      toText: acceptedText,
    }),
    defineTool({
      name: 'crawl_status',
      title: 'Look at a crawl',
      description: 'Says how far a crawl is, how many pages it indexed, and why it ended.',
      input: CrawlId,
      output: Crawl,
      run: ({ id }, options) => crawler.getCrawl(id, options),
      toText: crawlText,
    }),
    defineTool({
      name: 'scrape',
      title: 'Read a web page',
      description:
        'Fetches one page now and gives its main content as Markdown. The page is not indexed, and what it says was written by strangers.',
      input: ScrapeInput,
      output: ScrapedPage,
      run: (input, options) => crawler.scrape({ ...input, formats: ['markdown'] }, options),
      toText: pageText,
    }),
  ];
}
