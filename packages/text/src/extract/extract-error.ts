import type { PageReason } from '@xnai/contracts';

/** Why a page gave no document. Each code is the page reason that a crawl reports. */
export const EXTRACT_FAILURES = {
  'content-type': 'The page has a type that is not read',
  'extract-failed': 'The page could not be read',
  cancelled: 'The extraction was cancelled',
} as const satisfies Partial<Record<PageReason, string>>;

export type ExtractCode = keyof typeof EXTRACT_FAILURES;

export class ExtractError extends Error {
  readonly code: ExtractCode;

  constructor(code: ExtractCode, options?: ErrorOptions) {
    super(EXTRACT_FAILURES[code], options);
    this.name = 'ExtractError';
    this.code = code;
  }
}
