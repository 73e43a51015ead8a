import type { RetrievalMode } from '@xnai/contracts';
import type { ModelState } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import { embeddedShare, NEARLY_ALL, statsOfSet } from '../embed/embedded-share.ts';
import type { VectorSet, VectorStats } from '../store/vectors.ts';

export interface ChosenMode {
  readonly mode: Exclude<RetrievalMode, 'auto'>;
  /** The embedder is configured, but not all of the collection can be searched by its vectors now. */
  readonly isDegraded: boolean;
}

export interface DenseLeg {
  readonly embedder: ModelState;
  /** The set that a question's vector would be of; undefined while the embedder is not ready. */
  readonly set: VectorSet | undefined;
  /** Of the collection. */
  readonly stats: VectorStats | undefined;
}

/**
 * The mode of a search, from what was asked for and what is available. `auto` is hybrid where nearly all chunks of the
 * collection have vectors of the model that is ready. An embedder that is not configured is not missed; one that is, and
 * whose vectors are not there yet, degrades the answer. What was asked for by name is done with the vectors there are;
 * without any, hybrid search is lexical and degraded.
 *
 * @throws {ModelError} EMBEDDER_NOT_READY with the reason, when `dense` was asked for and there are no vectors, or `hybrid`
 *   and there is no model either
 */
export function chooseMode(asked: RetrievalMode, leg: DenseLeg): ChosenMode {
  if (asked === 'lexical') return { mode: 'lexical', isDegraded: false };
  const share = shareOf(leg);
  if (asked === 'auto' && share >= NEARLY_ALL) return { mode: 'hybrid', isDegraded: false };
  if (asked === 'auto') return { mode: 'lexical', isDegraded: leg.embedder.status !== 'absent' };
  if (asked === 'hybrid' && leg.set !== undefined && share === 0)
    return { mode: 'lexical', isDegraded: true };
  if (share === 0) throw new ModelError('EMBEDDER_NOT_READY', { detail: whyNone(leg) });
  return { mode: asked, isDegraded: share < NEARLY_ALL };
}

function shareOf({ set, stats }: DenseLeg): number {
  return set === undefined || stats === undefined ? 0 : embeddedShare(set, stats);
}

function whyNone({ embedder, set, stats }: DenseLeg): string {
  if (set === undefined) return embedder.detail;
  const found = stats && statsOfSet(set, stats);
  if (found === undefined) return `nothing is embedded with ${set.model} yet`;
  const { embedded, pending } = found;
  const all = embedded + pending;
  return `documents are being embedded with ${set.model}: ${embedded} of ${all} chunks of this collection so far`;
}
