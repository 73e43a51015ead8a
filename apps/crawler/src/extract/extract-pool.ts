import { openThreads, ThreadError } from '@xnai/service/threads';
import { PageError } from '../page-error.ts';
import type { ExtractedPage } from './extract-thread.ts';
import type { PageInput } from './read-page.ts';

export interface ExtractPoolOptions {
  /** Exports the task `extract`. Default: the one of this folder. */
  readonly module?: URL;
  /** Maximum number of threads. One is kept; another is opened while pages wait. */
  readonly threads?: number;
  /** Limit of CPU time for one page, which other load on the machine does not use up. A thread that exceeds it is ended. */
  readonly cpuMs?: number;
  readonly maxHeapMb?: number;
}

export interface ExtractPool extends AsyncDisposable {
  /** @throws {PageError} as `readPage`; `extract-failed` when a page breaks its thread twice; `cancelled` */
  extract(input: PageInput, options?: { readonly signal?: AbortSignal | undefined }): Promise<ExtractedPage>;
  close(): Promise<void>;
}

function isThreadLost(error: unknown): boolean {
  return error instanceof ThreadError && (error.code === 'THREAD_DIED' || error.code === 'TASK_TIMED_OUT');
}

const ENTRY = new URL('./extract-thread.ts', import.meta.url);

/** Extracts pages in separate threads, because extraction uses much CPU time and a hostile page may break its thread. */
export function createExtractPool(options: ExtractPoolOptions = {}): ExtractPool {
  const { module = ENTRY, threads: size = 1, cpuMs = 10_000, maxHeapMb = 256 } = options;
  const threads = openThreads<typeof import('./extract-thread.ts')>({
    module,
    size,
    minSize: 1,
    toError: ({ code, message }) =>
      new PageError(PageError.has(code) ? code : 'extract-failed', { cause: message }),
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
  });

  async function extract(
    input: PageInput,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ExtractedPage> {
    const run = () => threads.run('extract', input, { signal, onAbort: 'kill', cpuMs });
    try {
      // Another page may have used up the memory of the thread.
      return await run().catch((error: unknown) => (isThreadLost(error) ? run() : Promise.reject(error)));
    } catch (cause) {
      if (cause instanceof PageError) throw cause;
      throw new PageError(signal?.aborted ? 'cancelled' : 'extract-failed', { url: input.url, cause });
    }
  }

  const close = () => threads.close();
  return { extract, close, [Symbol.asyncDispose]: close };
}
