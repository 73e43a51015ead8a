import type { RetrievalMode } from '@xnai/contracts';
import type { ModelState } from '@xnai/inference';
import { ModelError } from '@xnai/inference';

export interface ChosenMode {
  readonly mode: Exclude<RetrievalMode, 'auto'>;
  /** The embedder is configured, but cannot be used now. */
  readonly isDegraded: boolean;
}

/**
 * The mode of a search, from what was asked for and what is available. In `auto`, an embedder that is not configured, or
 * whose vectors the store does not keep, is not missed; one that is configured and not ready degrades the answer.
 *
 * @throws {ModelError} EMBEDDER_NOT_READY with the reason, when `dense` or `hybrid` was asked for and is not available
 */
export function chooseMode(asked: RetrievalMode, embedder: ModelState, keepsVectors: boolean): ChosenMode {
  if (asked === 'lexical') return { mode: 'lexical', isDegraded: false };
  const isReady = embedder.status === 'ready' && keepsVectors;
  if (isReady) return { mode: asked === 'dense' ? 'dense' : 'hybrid', isDegraded: false };
  if (asked !== 'auto') {
    const detail = keepsVectors ? embedder.detail : 'no set of vectors is whole yet; search is lexical';
    throw new ModelError('EMBEDDER_NOT_READY', { detail });
  }
  return { mode: 'lexical', isDegraded: keepsVectors && embedder.status !== 'absent' };
}
