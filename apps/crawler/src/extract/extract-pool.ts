import type { ExtractInput } from './extract-body.ts';
import { ExtractError } from './extract-error.ts';
import type { ExtractedPage } from './extract-page.ts';
import { createExtractThread, type ExtractThread } from './extract-thread.ts';

export { type ExtractInput, isExtractable } from './extract-body.ts';

export interface ExtractPoolOptions {
  readonly threads?: number;
  /** For one page; a thread that takes longer is ended. Neither waiting nor starting a thread counts. */
  readonly timeoutMs?: number;
  readonly maxHeapMb?: number;
}

export interface ExtractPool extends AsyncDisposable {
  /** @throws ExtractError; a page that breaks its thread fails alone, with `extract-failed` */
  extract(
    input: ExtractInput,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ExtractedPage>;
  close(): Promise<void>;
}

/** Extraction on threads of its own: it is all CPU, and pages are written by strangers. */
export function createExtractPool(options: ExtractPoolOptions = {}): ExtractPool {
  const { threads: count = 1, timeoutMs = 10_000, maxHeapMb = 256 } = options;
  const threads = Array.from({ length: count }, () => createExtractThread({ timeoutMs, maxHeapMb }));
  const queue = createQueue(threads);

  async function extract(
    input: ExtractInput,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ) {
    const thread = await queue.take();
    try {
      if (signal?.aborted) throw new ExtractError('cancelled');
      return await thread.extract(input, signal);
    } finally {
      queue.give(thread);
    }
  }

  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  return { extract, close, [Symbol.asyncDispose]: close };
}

interface Queue {
  take(): Promise<ExtractThread>;
  give(thread: ExtractThread): void;
}

/** First come, first served. */
function createQueue(threads: readonly ExtractThread[]): Queue {
  const free = [...threads];
  const waiting: ((thread: ExtractThread) => void)[] = [];
  return {
    take: () => {
      const thread = free.shift();
      if (thread !== undefined) return Promise.resolve(thread);
      const { promise, resolve } = Promise.withResolvers<ExtractThread>();
      waiting.push(resolve);
      return promise;
    },
    give: (thread) => {
      const next = waiting.shift();
      if (next === undefined) free.push(thread);
      else next(thread);
    },
  };
}
