import { flushCompileCache } from 'node:module';
import { threadTask } from '@xnai/service/thread-task';
import { ExtractError } from '@xnai/text';
import { type ExtractedPage, type ExtractInput, extractBody } from '@xnai/text/extract';

/** A page that cannot be extracted is a result: the class of an error does not cross threads. */
type ExtractResult = { readonly page: ExtractedPage } | { readonly code: ExtractError['code'] };

export const extract = threadTask((input: ExtractInput): ExtractResult => {
  try {
    return { page: extractBody(input) };
  } catch (error) {
    if (error instanceof ExtractError) return { code: error.code };
    throw error;
  }
});

// Threads are killed rather than left to end, which would lose the code that they compiled.
flushCompileCache();
