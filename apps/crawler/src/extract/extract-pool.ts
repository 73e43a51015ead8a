import { Piscina } from 'piscina';
import type { ExtractInput } from './extract-body.ts';
import { ExtractError } from './extract-error.ts';
import type { ExtractedPage } from './extract-page.ts';
import type { ExtractAnswer } from './extract-worker.ts';

export { type ExtractInput, isExtractable } from './extract-body.ts';

export interface ExtractPoolOptions {
  readonly threads?: number;
  /** For one page; the thread that takes longer is ended. */
  readonly timeoutMs?: number;
  readonly maxHeapMb?: number;
}

export interface ExtractPool extends AsyncDisposable {
  /** @throws ExtractError; a page that breaks its thread fails alone, with `extract-failed` */
  extract(input: ExtractInput, options?: { readonly signal?: AbortSignal }): Promise<ExtractedPage>;
  close(): Promise<void>;
}

/** Extraction on threads of its own: it is all CPU, and pages are written by strangers. */
export function createExtractPool(options: ExtractPoolOptions = {}): ExtractPool {
  const { threads = 1, timeoutMs = 10_000, maxHeapMb = 256 } = options;
  const pool = new Piscina<ExtractInput, ExtractAnswer>({
    filename: new URL('./extract-worker.ts', import.meta.url).href,
    name: 'extractInWorker',
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
  });
  const turns = createTurns(threads);

  async function extract(input: ExtractInput, { signal }: { readonly signal?: AbortSignal } = {}) {
    // The pool's own queue would count waiting as working.
    await turns.take(signal);
    try {
      const deadline = AbortSignal.timeout(timeoutMs);
      const ends = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      return toPage(await pool.run(input, { signal: ends }));
    } catch (error) {
      if (error instanceof ExtractError) throw error;
      throw new ExtractError(signal?.aborted ? 'cancelled' : 'extract-failed', { cause: error });
    } finally {
      turns.give();
    }
  }

  const close = () => pool.destroy();
  return { extract, close, [Symbol.asyncDispose]: close };
}

function toPage(answer: ExtractAnswer): ExtractedPage {
  if ('code' in answer) throw new ExtractError(answer.code);
  return answer.page;
}

interface Turns {
  take(signal: AbortSignal | undefined): Promise<void>;
  give(): void;
}

/** First come, first served, at most `count` at a time. */
function createTurns(count: number): Turns {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    take: async (signal) => {
      if (signal?.aborted) throw new ExtractError('cancelled');
      if (free > 0) {
        free -= 1;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}
