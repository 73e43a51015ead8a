import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedder } from '@xnai/inference';
import type { Logger } from '@xnai/service';
import { isLeadLost } from '../store/lead.ts';
import { StoreError } from '../store/store-error.ts';
import type { VectorSet, VectorStore } from '../store/vectors.ts';
import { nextSize } from './batch-size.ts';
import { embedNext } from './embed-next.ts';
import type { EmbeddingReport } from './embedding-report.ts';
import { vectorSetOf } from './vector-set.ts';

export interface EmbedChunksDeps {
  readonly vectors: Pick<VectorStore, 'begin' | 'pending' | 'put' | 'quarantine'>;
  readonly embedder: Pick<Embedder, 'embed' | 'state'>;
  readonly log: Pick<Logger, 'warn'>;
  readonly signal: AbortSignal;
  /** Resolves when there is time for one more batch. */
  readonly untilFree: () => Promise<void>;
  /** Resolves when there may be new texts, and after a while in any case; that many times as long. */
  readonly untilWoken: (times?: number) => Promise<void>;
  readonly report: EmbeddingReport;
  /** How often it is looked whether the model is ready. */
  readonly lookEveryMs?: number;
}

/**
 * Embeds the chunks of the store with the model that is ready, batch by batch, and goes on with what is new. What was
 * embedded is in the store, so that a process that was killed goes on where it stopped. While the model cannot be used
 * it waits. Ends when the signal is aborted, with its reason, or when another process leads by now.
 */
export async function embedChunks(deps: EmbedChunksDeps): Promise<never> {
  let pauses = 1;
  for (;;) {
    const set = await untilReady(deps);
    try {
      await embedSet(deps, set);
    } catch (error) {
      deps.signal.throwIfAborted();
      if (isLeadLost(error)) throw error;
      pauses = isFull(error) && isFull(deps.report.problem()) ? Math.min(2 * pauses, MOST_PAUSES) : 1;
      deps.report.failed(error);
      await deps.untilWoken(pauses);
    }
  }
}

/** An index that is full stays so until something is deleted, and each try costs it a search for room: once a minute at last. */
const MOST_PAUSES = 12;

function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'STORAGE_FULL';
}

/** Ends when another model, or none, is ready. */
async function embedSet(deps: EmbedChunksDeps, set: VectorSet): Promise<void> {
  const { vectors, embedder, report, signal } = deps;
  await vectors.begin(set, { signal });
  let size = 1;
  while (vectorSetOf(embedder)?.id === set.id) {
    await deps.untilFree();
    const startedMs = performance.now();
    const texts = await embedNext(
      { ...deps, untilReady: async () => void (await untilReady(deps)) },
      set,
      size,
    );
    const tookMs = performance.now() - startedMs;
    if (texts === undefined) {
      report.finished(set);
      await deps.untilWoken();
    } else {
      report.embedded(set, { ...texts, tookMs });
      size = nextSize(size, texts.embedded + texts.quarantined, tookMs);
    }
  }
}

async function untilReady({ embedder, signal, lookEveryMs = 500 }: EmbedChunksDeps): Promise<VectorSet> {
  for (;;) {
    signal.throwIfAborted();
    const set = vectorSetOf(embedder);
    if (set !== undefined) return set;
    await sleep(lookEveryMs, undefined, { signal });
  }
}
