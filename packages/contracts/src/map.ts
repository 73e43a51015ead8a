import { z } from 'zod';
import { CrawlRequest } from './crawls.ts';
import { Degraded } from './degraded.ts';

/** The addresses of a site that a crawl with the same rules would take. Nothing is indexed. */
export const MapRequest = z
  .strictObject({
    ...CrawlRequest.pick({
      url: true,
      includePaths: true,
      excludePaths: true,
      crawlEntireDomain: true,
      allowSubdomains: true,
      allowExternalLinks: true,
      sitemap: true,
      ignoreQueryParameters: true,
      render: true,
    }).shape,
    limit: z.int().min(1).max(50_000).default(5000),
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
  .object({ url: z.string(), title: z.string().optional(), lastmod: z.iso.datetime().optional() })
  .meta({ id: 'MapLink' });
export type MapLink = z.infer<typeof MapLink>;

export const MapResult = z.object({ links: z.array(MapLink), degraded: Degraded }).meta({ id: 'MapResult' });
export type MapResult = z.infer<typeof MapResult>;
