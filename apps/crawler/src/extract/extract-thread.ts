import { ExtractError } from '@xnai/text';
import type { ExtractedPage, ExtractInput } from '@xnai/text/extract';
import { Piscina } from 'piscina';
import type { ExtractAnswer } from './extract-worker.ts';

export interface ExtractThreadOptions {
  readonly timeoutMs: number;
  readonly maxHeapMb: number;
}

export interface ExtractThread {
  /** One page at a time. */
  extract(input: ExtractInput, signal: AbortSignal | undefined): Promise<ExtractedPage>;
  close(): Promise<void>;
}

/** A thread that is replaced by a new one when a page takes too much time or memory. */
export function createExtractThread({ timeoutMs, maxHeapMb }: ExtractThreadOptions): ExtractThread {
  const pool = new Piscina<ExtractInput, ExtractAnswer>({
    filename: new URL('./extract-worker.ts', import.meta.url).href,
    name: 'extractInWorker',
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
  });
  // A thread that dies between two pages has no page to blame; the pool starts another.
  pool.on('error', () => {});
  let started = start(pool);

  async function run(input: ExtractInput, signal: AbortSignal | undefined): Promise<ExtractedPage> {
    // Loading the code is not the page's fault.
    await started;
    const deadline = AbortSignal.timeout(timeoutMs);
    const ends = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    return toPage(await pool.run(input, { signal: ends }));
  }

  async function extract(input: ExtractInput, signal: AbortSignal | undefined): Promise<ExtractedPage> {
    try {
      return await run(input, signal);
    } catch (error) {
      if (error instanceof ExtractError) throw error;
      started = start(pool);
      throw new ExtractError(signal?.aborted ? 'cancelled' : 'extract-failed', { cause: error });
    }
  }

  return { extract, close: () => pool.destroy() };
}

const NOTHING: ExtractInput = {
  url: 'http://nothing.invalid/',
  mime: 'text/html',
  body: new Uint8Array(),
};

/** Settles when a thread has loaded its code. A failure is the next page's to report. */
function start(pool: Piscina<ExtractInput, ExtractAnswer>): Promise<unknown> {
  const started = pool.run(NOTHING);
  started.catch(() => {});
  return started;
}

function toPage(answer: ExtractAnswer): ExtractedPage {
  if ('code' in answer) throw new ExtractError(answer.code);
  return answer.page;
}
