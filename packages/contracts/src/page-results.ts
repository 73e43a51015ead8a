import { z } from 'zod';
import { NextCursor } from './paging.ts';
import { Loss } from './text-document.ts';

export const PageReason = z
  .enum([
    'robots',
    'robots-unreachable',
    'limit',
    'budget',
    'depth',
    'filtered',
    'scope',
    'trap',
    'duplicate',
    'soft-404',
    'login-wall',
    'unreachable',
    'content-type',
    'charset',
    'no-content',
    'not-public',
    'url-invalid',
    'too-large',
    'too-many-redirects',
    'redirect-out-of-scope',
    'http-error',
    'timeout',
    'network-error',
    'breaker-open',
    'extract-failed',
    'render-failed',
    'rejected-by-rag',
    'cancelled',
  ])
  .meta({
    id: 'PageReason',
    description:
      'Why a URL was not fetched, or fetched and not indexed. `soft-404`: the page says that there is none, with status 200. `login-wall`: it asks for a login. `unreachable`: nothing leads to it any more.',
  });
export type PageReason = z.infer<typeof PageReason>;

export const PageStatus = z.enum(['fetched', 'indexed', 'unchanged', 'skipped', 'failed']).meta({
  id: 'PageStatus',
  description: 'What became of a URL; `fetched` waits for rag to acknowledge and is not final',
});
export type PageStatus = z.infer<typeof PageStatus>;

/** What became of one URL of a crawl. `fetched`: waiting for rag to acknowledge. */
export const PageResult = z
  .object({
    url: z.string().describe('As it was found'),
    status: PageStatus,
    documentId: z.string().optional().describe('Of its document in rag'),
    reason: PageReason.optional(),
    code: z.string().optional().describe('The problem code that rag rejected the page with'),
    finalUrl: z.string().optional().describe('Where redirects led'),
    removed: z.literal(true).optional().describe('Its document was deleted, since the page is gone'),
    losses: z.array(Loss).optional().describe('Text of the page that was left out, by rule'),
    httpStatus: z.int().nullable().describe('null where there was no answer'),
    depth: z.int().describe('Number of links from the start'),
    bytes: z.int().describe('Of the answer'),
    ms: z.int().describe('That fetching it took'),
  })
  .meta({ id: 'PageResult' });
export type PageResult = z.infer<typeof PageResult>;

/** One page of the URLs of a crawl. */
export const PageList = z
  .object({
    pages: z.array(PageResult).describe('In the order in which they ended'),
    next_cursor: NextCursor,
  })
  .meta({ id: 'PageList' });
export type PageList = z.infer<typeof PageList>;

/** One page of the URLs of a crawl that failed. */
export const PageErrorList = z
  .object({
    errors: z.array(PageResult).describe('In the order in which they ended'),
    next_cursor: NextCursor,
  })
  .meta({ id: 'PageErrorList' });
export type PageErrorList = z.infer<typeof PageErrorList>;
