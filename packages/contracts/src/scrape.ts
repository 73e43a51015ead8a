import { z } from 'zod';
import { Render } from './crawls.ts';
import { Degraded } from './degraded.ts';

/** Form in which a scraped page is returned. */
export const ScrapeFormat = z.enum(['markdown', 'html', 'links']).meta({ id: 'ScrapeFormat' });
export type ScrapeFormat = z.infer<typeof ScrapeFormat>;

/** One page, fetched now and not indexed. */
export const ScrapeRequest = z
  .strictObject({
    url: z.string().min(1).max(2000),
    formats: z.array(ScrapeFormat).min(1).max(3).default(['markdown']),
    render: Render.default('auto'),
  })
  .meta({ id: 'ScrapeRequest' });
export type ScrapeRequest = z.infer<typeof ScrapeRequest>;

/** The page in the formats that were asked for. All of it is what a stranger wrote: `trust` says so. */
export const ScrapedPage = z
  .object({
    url: z.string().describe('After redirects'),
    httpStatus: z.int(),
    title: z.string(),
    rendered: z.boolean().describe('Whether a browser ran its scripts'),
    markdown: z.string().optional().describe('The main content'),
    html: z.string().optional().describe('As fetched, or as its scripts left it'),
    links: z.array(z.string()).optional(),
    trust: z.literal('web'),
    ms: z.int(),
    degraded: Degraded,
  })
  .meta({ id: 'ScrapedPage' });
export type ScrapedPage = z.infer<typeof ScrapedPage>;
