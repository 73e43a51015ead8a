import { z } from 'zod';
import { CrawlRequest } from './crawls.ts';
import { Degraded } from './degraded.ts';

const rules = CrawlRequest.shape;

/** The addresses of a site that a crawl with the same rules would take. Nothing is indexed. */
export const MapRequest = z
  .strictObject({
    url: rules.url,
    includePaths: rules.includePaths,
    excludePaths: rules.excludePaths,
    crawlEntireDomain: rules.crawlEntireDomain,
    allowSubdomains: rules.allowSubdomains,
    allowExternalLinks: rules.allowExternalLinks,
    sitemap: rules.sitemap,
    ignoreQueryParameters: rules.ignoreQueryParameters,
    render: rules.render,
    waitFor: rules.waitFor,
    limit: z.int().min(1).max(50_000).default(5000).describe('Largest number of addresses'),
    search: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Words that an address or its title must have; those with most of them come first'),
  })
  .meta({ id: 'MapRequest' });
export type MapRequest = z.infer<typeof MapRequest>;

/** An address, with the title that a link or feed gives it, and the date of its last change from the sitemap. */
export const MapLink = z
  .object({
    url: z.string().describe('The address'),
    title: z.string().optional().describe('That a link or a feed gives it'),
    lastmod: z.iso.datetime().optional().describe('Of its last change, by the sitemap'),
  })
  .meta({ id: 'MapLink' });
export type MapLink = z.infer<typeof MapLink>;

export const MapResult = z
  .object({
    links: z.array(MapLink).describe('Those that the search is about come first'),
    degraded: Degraded,
    warning: z.string().optional().describe('What could not be done as asked'),
  })
  .meta({ id: 'MapResult' });
export type MapResult = z.infer<typeof MapResult>;
