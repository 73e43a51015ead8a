import { z } from 'zod';
import { Render, WAITS_IN_BROWSER, WaitFor, waitsOnlyInBrowser } from './crawls.ts';
import { Degraded } from './degraded.ts';

export const ScrapeFormat = z
  .enum(['markdown', 'html', 'links', 'screenshot'])
  .meta({ id: 'ScrapeFormat', description: 'Form in which a scraped page is returned' });
export type ScrapeFormat = z.infer<typeof ScrapeFormat>;

/** One page, fetched now and not indexed. */
export const ScrapeRequest = z
  .strictObject({
    url: z.string().min(1).max(2000).describe('Of the page'),
    formats: z
      .array(ScrapeFormat)
      .min(1)
      .max(8)
      .default(['markdown'])
      .describe('Forms in which the page is returned'),
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
    httpStatus: z.int().describe('Of the answer'),
    title: z.string().describe('Of the page; may be empty'),
    rendered: z.boolean().describe('Whether a browser ran its scripts'),
    markdown: z.string().optional().describe('The main content'),
    html: z.string().optional().describe('As fetched, or as its scripts left it'),
    links: z.array(z.string()).optional().describe('Where the page leads'),
    screenshot: z.string().optional().describe('The first 1280 × 2000 pixels, as a `data:` URL of a PNG'),
    trust: z.literal('web').describe('All of the page is what a stranger wrote'),
    ms: z.int().describe('That it took'),
    degraded: Degraded,
    warning: z.string().optional().describe('What could not be done as asked, though the page is here'),
  })
  .meta({ id: 'ScrapedPage', description: 'The page in the formats that were asked for' });
export type ScrapedPage = z.infer<typeof ScrapedPage>;
