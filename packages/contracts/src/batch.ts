import { z } from 'zod';
import { WAITS_IN_BROWSER, waitsOnlyInBrowser } from './crawls.ts';
import { NextCursor } from './paging.ts';
import { ScrapedPage, ScrapeRequest } from './scrape.ts';

const { formats, render, waitFor } = ScrapeRequest.shape;

/** Several pages, each as `POST /v1/scrape` gives it, fetched in the background. */
export const BatchRequest = z
  .strictObject({
    urls: z.array(ScrapeRequest.shape.url).min(1).max(1000).describe('Of the pages'),
    formats,
    render,
    waitFor,
  })
  .refine(waitsOnlyInBrowser, WAITS_IN_BROWSER)
  .meta({ id: 'BatchRequest' });
export type BatchRequest = z.infer<typeof BatchRequest>;

export const BatchStatus = z
  .enum(['running', 'completed', 'cancelled'])
  .meta({ id: 'BatchStatus', description: 'State of a batch' });
export type BatchStatus = z.infer<typeof BatchStatus>;

/** What became of one of the URLs: a page, or the problem that a scrape would have answered. */
export const BatchPage = z
  .object({
    url: z.string().describe('As it was given'),
    page: ScrapedPage.optional(),
    error: z
      .object({
        code: z.string().describe('As a scrape would answer'),
        detail: z.string().describe('What is wrong in this case'),
      })
      .optional()
      .describe('Why there is none'),
  })
  .meta({ id: 'BatchPage' });
export type BatchPage = z.infer<typeof BatchPage>;

export const Batch = z
  .object({
    id: z.string().describe('Of the batch'),
    status: BatchStatus,
    total: z.int().describe('Number of URLs'),
    done: z.int().describe('Number of URLs with a page or an error'),
    failed: z.int().describe('Number of URLs with an error'),
    createdAt: z.iso.datetime().describe('When it was submitted'),
    finishedAt: z.iso.datetime().nullable().describe('When it ended; null before'),
  })
  .meta({ id: 'Batch' });
export type Batch = z.infer<typeof Batch>;

/** A batch with some of its pages, in the order of its URLs; those that are not done are left out. */
export const BatchPages = z
  .object({
    ...Batch.shape,
    pages: z.array(BatchPage).describe('In the order of the URLs; those that are not done are left out'),
    next_cursor: NextCursor,
  })
  .meta({ id: 'BatchPages' });
export type BatchPages = z.infer<typeof BatchPages>;
