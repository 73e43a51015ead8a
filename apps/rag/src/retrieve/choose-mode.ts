import type { RetrievalMode } from '@xnai/contracts';
import type { ModelState } from '@xnai/inference';
import { ModelError } from '@xnai/inference';
import type { VectorSet, VectorSetStats, VectorStats } from '../store/vectors.ts';

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
 * whose vectors are not there yet, degrades the answer. What was asked for by name is done with the vectors there are.
 *
 * @throws {ModelError} EMBEDDER_NOT_READY with the reason, when `dense` or `hybrid` was asked for and there are no vectors
 */
export function chooseMode(asked: RetrievalMode, leg: DenseLeg): ChosenMode {
  if (asked === 'lexical') return { mode: 'lexical', isDegraded: false };
  const share = shareEmbedded(leg);
  if (asked === 'auto' && share >= NEARLY_ALL) return { mode: 'hybrid', isDegraded: false };
  if (asked === 'auto') return { mode: 'lexical', isDegraded: leg.embedder.status !== 'absent' };
  if (share === 0) throw new ModelError('EMBEDDER_NOT_READY', { detail: whyNone(leg) });
  return { mode: asked, isDegraded: share < NEARLY_ALL };
}

/**
 * Chunks without a vector are found by their words alone. With fewer vectors than this, the order would follow what
 * happens to be embedded; with more asked for, each new document would turn the search of a large collection back to
 * words alone for a while. Chosen, not measured.
 */
const NEARLY_ALL = 0.9;

/** Of the chunks that can be embedded, those that the question's vector can be compared with. */
function shareEmbedded(leg: DenseLeg): number {
  const { embedded, pending } = statsOfSet(leg) ?? NOTHING;
  return pending === 0 ? 1 : embedded / (embedded + pending);
}

const NOTHING = { embedded: 0, pending: 1 };

/** A set is searched while it is made, too. */
function statsOfSet({ set, stats }: DenseLeg): VectorSetStats | undefined {
  return set && [stats?.made, stats?.searched].find((one) => one?.id === set.id);
}

function whyNone(leg: DenseLeg): string {
  const { embedder, set } = leg;
  if (set === undefined) return embedder.detail;
  const { embedded, pending } = statsOfSet(leg) ?? {};
  if (embedded === undefined || pending === undefined) return `nothing is embedded with ${set.model} yet`;
  const all = embedded + pending;
  return `documents are being embedded with ${set.model}: ${embedded} of ${all} chunks of this collection so far`;
}
