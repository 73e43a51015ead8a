import { availableParallelism } from 'node:os';
import { openThreads, type Threads } from '@xnai/service/threads';
import { StoreError } from '../../store-error.ts';
import type { CutDocument, Indexed } from './cut-terms.ts';
import type { ScoredChunk } from './score.ts';
import type { Counts, Scores, TermLists } from './score-lists.ts';

type Cutters = Threads<typeof import('./terms-thread.ts')>;
export type Scorers = Threads<typeof import('./score-thread.ts')>;

const SMALL_HEAP = { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 };
/** More would take turns on the processors, and each holds the lists of its question. */
const MOST_SCORERS = 4;

export function openCutters(): Cutters {
  const module = new URL('./terms-thread.ts', import.meta.url);
  return openThreads({ module, size: 1, resourceLimits: SMALL_HEAP });
}

export function openScorers(): Scorers {
  const module = new URL('./score-thread.ts', import.meta.url);
  const size = Math.min(MOST_SCORERS, availableParallelism());
  return openThreads({ module, size, minSize: 1, resourceLimits: SMALL_HEAP });
}

export function cutIn(threads: Cutters, document: Indexed, signal?: AbortSignal): Promise<CutDocument> {
  const { title, inline, text, chunks } = document;
  return ofStore(threads.run('cut', { title, inline, text, chunks }, { signal }), signal);
}

/** What is done with postings for one call. Bytes that are not shared are gone afterwards: they are handed over, not copied. */
export interface Scoring {
  score(scores: Scores): Promise<ScoredChunk[]>;
  /** In how many chunks each term is. */
  count(counts: Counts): Promise<number[]>;
}

export function scoringIn(threads: Scorers, signal?: AbortSignal): Scoring {
  return {
    score: (scores) => {
      const transfer = buffersOf(scores.asked, [scores.removed, scores.wanted]);
      return ofStore(threads.run('score', scores, { signal, transfer }), signal);
    },
    count: (counts) => {
      const transfer = buffersOf(counts.lists, [counts.removed]);
      return ofStore(threads.run('count', counts, { signal, transfer }), signal);
    },
  };
}

function buffersOf(lists: readonly TermLists[], others: readonly (Uint8Array | undefined)[]): ArrayBuffer[] {
  const blocks = lists.flatMap(({ packed, recent }) => [...packed, ...recent]);
  const all = [...blocks, ...others.filter((one) => one !== undefined)];
  return all.map(({ buffer }) => buffer).filter((buffer) => buffer instanceof ArrayBuffer);
}

async function ofStore<T>(task: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await task;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new StoreError('STORE_FAILED', { cause });
  }
}
