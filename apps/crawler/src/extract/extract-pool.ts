import { openThreads } from '@xnai/service/threads';
import { ExtractError } from '@xnai/text';
import type { ExtractedPage, ExtractInput } from '@xnai/text/extract';

export interface ExtractPoolOptions {
  /** Maximum number of threads. One is kept; another is opened while pages wait. */
  readonly threads?: number;
  /** For one page, from when a thread begins with it. A thread that takes longer is ended. */
  readonly timeoutMs?: number;
  readonly maxHeapMb?: number;
}

export interface ExtractPool extends AsyncDisposable {
  /** @throws {ExtractError} `extract-failed` when a page breaks its thread: it fails alone, and others go on */
  extract(
    input: ExtractInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ExtractedPage>;
  close(): Promise<void>;
}

/** Extraction in threads of its own: it needs nothing but CPU, and anyone may have written the pages. */
export function createExtractPool(options: ExtractPoolOptions = {}): ExtractPool {
  const { threads: size = 1, timeoutMs = 10_000, maxHeapMb = 256 } = options;
  const threads = openThreads<typeof import('./extract-thread.ts')>({
    module: new URL('./extract-thread.ts', import.meta.url),
    size,
    minSize: 1,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
  });

  async function extract(
    input: ExtractInput,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ExtractedPage> {
    const result = await threads
      .run('extract', input, { signal, onAbort: 'kill', timeoutMs })
      .catch((cause: unknown) => {
        throw new ExtractError(signal?.aborted ? 'cancelled' : 'extract-failed', { cause });
      });
    if ('code' in result) throw new ExtractError(result.code);
    return result.page;
  }

  const close = () => threads.close();
  return { extract, close, [Symbol.asyncDispose]: close };
}
