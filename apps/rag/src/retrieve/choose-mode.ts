import type { RetrievalMode } from '@xnai/contracts';
import type { ModelState } from '@xnai/inference';
import { ModelError } from '@xnai/inference';

export interface ChosenMode {
  readonly mode: Exclude<RetrievalMode, 'auto'>;
  /** The embedder is configured, but cannot be used now. */
  readonly isDegraded: boolean;
}

/**
 * What a search can use. `auto` takes what is there. An embedder that nobody configured, or whose vectors the store
 * does not keep, is not missed: only one that should be there and is not makes the answer degraded.
 * Throws EMBEDDER_NOT_READY when `dense` or `hybrid` was asked for and cannot be had.
 */
export function chooseMode(asked: RetrievalMode, embedder: ModelState, keepsVectors: boolean): ChosenMode {
  if (asked === 'lexical') return { mode: 'lexical', isDegraded: false };
  const isReady = embedder.status === 'ready' && keepsVectors;
  if (isReady) return { mode: asked === 'dense' ? 'dense' : 'hybrid', isDegraded: false };
  if (asked !== 'auto') throw new ModelError('EMBEDDER_NOT_READY', { detail: embedder.detail });
  return { mode: 'lexical', isDegraded: keepsVectors && embedder.status !== 'absent' };
}
