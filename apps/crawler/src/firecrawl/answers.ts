import { z } from 'zod';

/** The answers of Firecrawl's version 2, as far as its SDK reads them. */
const success = z.literal(true).describe('What failed is told by the status and `error`');
const id = z.string().describe('Of the crawl or batch');
const page = 'https://harbour.example/tides';
const started = { success: true, id: '01KF1D8Q3V6Z4T9M2X7B5C0RAE' };

export const FirecrawlDocument = z
  .object({
    markdown: z.string().optional().describe('The main content'),
    html: z.string().optional().describe('As a browser or the answer had it'),
    rawHtml: z.string().optional().describe('The same'),
    links: z.array(z.string()).readonly().optional().describe('Where the page leads'),
    screenshot: z.string().optional().describe('A `data:` URL of a PNG'),
    warning: z.string().optional().describe('What the page was read without'),
    metadata: z
      .record(z.string(), z.unknown())
      .readonly()
      .describe('`title`, `url`, `sourceURL`, `statusCode` and others'),
  })
  .meta({ id: 'FirecrawlDocument', description: 'A page' });

/** A page as clients of Firecrawl know it. */
export type FirecrawlDocument = z.infer<typeof FirecrawlDocument>;

const document = { markdown: '# Tides', metadata: { title: 'Tides', url: page, statusCode: 200 } };

export const ScrapeAnswer = z
  .looseObject({ success, data: FirecrawlDocument })
  .meta({ id: 'FirecrawlScrape', examples: [{ success: true, data: document }] });

export const MapAnswer = z
  .looseObject({
    success,
    links: z
      .array(
        z.looseObject({
          url: z.string().describe('The address'),
          title: z.string().optional().describe('That a link or a feed gives it'),
        }),
      )
      .describe('Those that the search is about come first'),
  })
  .meta({ id: 'FirecrawlMap', examples: [{ success: true, links: [{ url: page, title: 'Tides' }] }] });

export const StartedAnswer = z
  .looseObject({
    success,
    id,
    url: z.string().describe('To ask how it stands'),
    invalidURLs: z.array(z.string()).readonly().optional().describe('Of a batch: those that are left out'),
  })
  .meta({
    id: 'FirecrawlStarted',
    examples: [{ ...started, url: `http://127.0.0.1:8081/v2/crawl/${started.id}` }],
  });

export const CancelledAnswer = z
  .looseObject({ success, status: z.literal('cancelled').describe('Also where it had ended before') })
  .meta({ id: 'FirecrawlCancelled', examples: [{ success: true, status: 'cancelled' }] });

export const StatusAnswer = z
  .looseObject({
    success,
    status: z.string().describe('`scraping`, `completed`, `cancelled` or `failed`'),
    total: z.int().describe('Number of pages, as far as it is known'),
    completed: z.int().describe('Number of pages that are there'),
    creditsUsed: z.int().describe('Always 0'),
    expiresAt: z.iso.datetime().describe('When the result is dropped'),
    next: z.string().optional().describe('Address of the further pages'),
    error: z.string().optional().describe('Why it failed'),
    warning: z.string().optional().describe('What is missing'),
    data: z.array(FirecrawlDocument).describe('Pages'),
  })
  .meta({
    id: 'FirecrawlStatus',
    examples: [
      {
        success: true,
        status: 'completed',
        total: 1,
        completed: 1,
        creditsUsed: 0,
        expiresAt: '2027-01-16T09:30:00.000Z',
        data: [document],
      },
    ],
  });

export const ActiveAnswer = z
  .looseObject({
    success,
    crawls: z
      .array(
        z.looseObject({
          id,
          url: z.string().describe('Where it began'),
          teamId: z.string().describe('Always `xnai`'),
          options: z.null().describe('Not kept in this form'),
        }),
      )
      .describe('Newest first'),
  })
  .meta({
    id: 'FirecrawlActive',
    examples: [{ success: true, crawls: [{ id: started.id, url: page, teamId: 'xnai', options: null }] }],
  });

export const ErrorsAnswer = z
  .looseObject({
    errors: z
      .array(
        z.looseObject({
          id: z.string().describe('The address'),
          url: z.string().describe('The address'),
          code: z.string().optional().describe('To decide by'),
          error: z.string().optional().describe('What is wrong'),
        }),
      )
      .describe('What failed'),
    robotsBlocked: z.array(z.string()).describe('Addresses that robots.txt keeps back'),
  })
  .meta({
    id: 'FirecrawlErrors',
    examples: [
      {
        errors: [{ id: page, url: page, code: 'http-error', error: 'http-error (status 500)' }],
        robotsBlocked: [],
      },
    ],
  });

export const FailureAnswer = z
  .looseObject({
    success: z.literal(false).describe('Tells an error from an answer'),
    error: z.string().describe('For people'),
    code: z.string().describe('To decide by'),
    details: z.array(z.unknown()).describe('The fields of the request that are wrong'),
  })
  .meta({
    id: 'FirecrawlFailure',
    examples: [{ success: false, error: 'There is no such crawl', code: 'CRAWL_NOT_FOUND', details: [] }],
  });
