import type { PageReason } from '@xnai/contracts';
import { defineErrors, type ErrorEntry } from '@xnai/contracts/errors';

/** Why a page gave no document. Each code is the page reason that a crawl reports. */
export class ExtractError extends defineErrors('ExtractError', {
  'content-type': { title: 'The page has a type that is not read', retryable: false },
  charset: { title: 'The bytes of the page are no text in any charset', retryable: false },
  'extract-failed': { title: 'The page could not be read', retryable: false },
  cancelled: { title: 'The extraction was cancelled', retryable: false },
} satisfies Partial<Record<PageReason, ErrorEntry>>) {}
