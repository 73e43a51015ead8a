import { openThreads, type Threads } from '@xnai/service/threads';
import type { Extracted } from './extractive/extract.ts';
import type { ExtractInput } from './extractive/extract-thread.ts';

export interface ExtractOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Works quotes out of chunks away from the event loop, which a long text would hold up for every other request. */
export interface Extractor extends AsyncDisposable {
  extract(input: ExtractInput, options?: ExtractOptions): Promise<Extracted>;
  close(): Promise<void>;
}

export function openExtractor(): Extractor {
  const threads: Threads<typeof import('./extractive/extract-thread.ts')> = openThreads({
    module: new URL('./extractive/extract-thread.ts', import.meta.url),
    // One takes as many questions as one core, and 35 MB.
    size: 1,
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 256 },
  });
  const close = () => threads.close();
  return {
    extract: (input, options) => threads.run('extract', input, { signal: options?.signal }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
