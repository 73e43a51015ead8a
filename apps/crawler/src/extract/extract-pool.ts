import { ExtractError } from '@xnai/text';
import type { ExtractedPage, ExtractInput } from '@xnai/text/extract';
import { createExtractThread, type ExtractThread } from './extract-thread.ts';

export { isExtractable } from '@xnai/text';
export type { ExtractInput } from '@xnai/text/extract';

export interface ExtractPoolOptions {
  /** At most; the first is there at once, another when pages wait. */
  readonly threads?: number;
  /** A page that has waited so long gets another thread. */
  readonly patienceMs?: number;
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
  const { threads: most = 1, patienceMs = 500, timeoutMs = 10_000, maxHeapMb = 256 } = options;
  const threads: ExtractThread[] = [];
  const open = () => {
    const thread = createExtractThread({ timeoutMs, maxHeapMb });
    threads.push(thread);
    return thread;
  };
  const queue = createQueue(open(), patienceMs, () => (threads.length < most ? open() : undefined));

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
    queue.stop();
    await Promise.all(threads.map((thread) => thread.close()));
  };
  return { extract, close, [Symbol.asyncDispose]: close };
}

interface Queue {
  take(): Promise<ExtractThread>;
  give(thread: ExtractThread): void;
  /** No more threads are opened. */
  stop(): void;
}

/** First come, first served. A thread costs as much as some hundred pages, so another is opened only on need. */
function createQueue(first: ExtractThread, patienceMs: number, open: () => ExtractThread | undefined): Queue {
  const free = [first];
  const waiting: ((thread: ExtractThread) => void)[] = [];
  let help: NodeJS.Timeout | undefined;
  let isStopped = false;

  function give(thread: ExtractThread): void {
    const next = waiting.shift();
    if (next === undefined) free.push(thread);
    else next(thread);
  }
  function watch(): void {
    const [oldest] = waiting;
    if (isStopped || help !== undefined || oldest === undefined) return;
    help = setTimeout(() => {
      help = undefined;
      const another = waiting[0] === oldest ? open() : undefined;
      if (another !== undefined) give(another);
      watch();
    }, patienceMs);
  }
  return {
    take: () => {
      const thread = free.shift();
      if (thread !== undefined) return Promise.resolve(thread);
      const { promise, resolve } = Promise.withResolvers<ExtractThread>();
      waiting.push(resolve);
      watch();
      return promise;
    },
    give,
    stop: () => {
      isStopped = true;
      clearTimeout(help);
    },
  };
}
