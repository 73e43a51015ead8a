import { z } from 'zod';
import { Render, WAITS_IN_BROWSER, WaitFor, waitsOnlyInBrowser } from './crawls.ts';
import { Degraded } from './degraded.ts';

/** Form in which a scraped page is returned. */
export const ScrapeFormat = z.enum(['markdown', 'html', 'links', 'screenshot']).meta({ id: 'ScrapeFormat' });
export type ScrapeFormat = z.infer<typeof ScrapeFormat>;

/** One page, fetched now and not indexed. */
export const ScrapeRequest = z
  .strictObject({
    url: z.string().min(1).max(2000),
    formats: z.array(ScrapeFormat).min(1).max(8).default(['markdown']),
    render: Render.default('auto'),
    waitFor: WaitFor.optional(),
  })
  .refine(waitsOnlyInBrowser, WAITS_IN_BROWSER)
  .refine(({ render, formats }) => render !== 'never' || !formats.includes('screenshot'), {
    path: ['formats'],
    message: 'a screenshot needs a browser, which render "never" rules out',
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
    screenshot: z.string().optional().describe('The first 1280 × 2000 pixels, as a `data:` URL of a PNG'),
    trust: z.literal('web'),
    ms: z.int(),
    degraded: Degraded,
  })
  .meta({ id: 'ScrapedPage' });
export type ScrapedPage = z.infer<typeof ScrapedPage>;
