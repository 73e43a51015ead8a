import { flushCompileCache } from 'node:module';
import { ExtractError } from '@xnai/text';
import type { ExtractedPage } from '@xnai/text/extract';
import { type ExtractInput, extractBody } from '@xnai/text/extract';

/** What a worker answers: errors cross threads as data, since their class does not. */
export type ExtractAnswer = { readonly page: ExtractedPage } | { readonly code: ExtractError['code'] };

export function extractInWorker(input: ExtractInput): ExtractAnswer {
  try {
    return { page: extractBody(input) };
  } catch (error) {
    if (error instanceof ExtractError) return { code: error.code };
    throw error;
  }
}

// Threads are ended, not left to end, and what they compiled would go with them.
flushCompileCache();
