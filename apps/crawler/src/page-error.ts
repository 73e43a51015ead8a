import type { PageReason } from '@xnai/contracts';
import { defineErrors, type ErrorEntry, type TableErrorOptions } from '@xnai/contracts/errors';

function failure(title: string, retryable = false): ErrorEntry {
  return { title, retryable };
}

export interface PageErrorDetails extends Pick<TableErrorOptions, 'cause' | 'detail' | 'retryable'> {
  readonly url?: string | undefined;
}

/** Why the crawler itself did not take a page. Failures of the fetch are a `FetchError`. */
export class PageError extends defineErrors('PageError', {
  robots: failure('robots.txt does not allow the URL'),
  'robots-unreachable': failure('robots.txt could not be fetched', true),
  'not-public': failure('The target is not a public address'),
  'redirect-out-of-scope': failure('A redirect leads out of the scope of the crawl'),
  'content-type': failure('The page has a type that is not read'),
  charset: failure('The charset of the page could not be found out'),
  'extract-failed': failure('The page could not be read'),
  cancelled: failure('The reading of the page was cancelled'),
  'render-failed': failure('The browser could not run the page'),
  timeout: failure('The browser did not finish the page in time'),
} satisfies Partial<Record<PageReason, ErrorEntry>>) {
  readonly url: string | undefined;
  readonly status = undefined;

  constructor(code: keyof typeof PageError.table, { url, ...options }: PageErrorDetails = {}) {
    super(code, options);
    this.url = url;
  }
}
