import { fuse } from '../../store/fuse.ts';
import type { StoredChunk, StoreHit } from '../../store/store.ts';
import { type FoundAt, WEIGHTS } from '../dense-weight.ts';
import { keyOf } from './key-of.ts';
import type { CheckQuestion } from './question.ts';

/** As what another chunk counts that is found; undefined: not at all. Chunks that count as the same count once. */
export type CountAs = (other: StoredChunk) => string | undefined;

/** Where there are many documents. */
export function byDocument({ documentId }: StoredChunk): CountAs {
  return (other) => (other.documentId === documentId ? undefined : other.documentId);
}

/** Where there are few. A chunk of the same document that has the name that is asked with is as good an answer. */
export function byChunk({ chunk, asked }: CheckQuestion): CountAs {
  return (other) => {
    const isNamed = [other.title, ...other.heading].includes(asked);
    const isAsGood = other.documentId === chunk.documentId && (isNamed || other.ordinal === chunk.ordinal);
    return isAsGood ? undefined : keyOf(other);
  };
}

/** A chunk among those that a leg finds. */
export interface FoundChunk {
  readonly score: number;
  readonly key: string;
  /** As what it counts; undefined: it is the one that is asked for. */
  readonly as: string | undefined;
}

/** What each leg finds, best first, when the words that are asked with are hidden. */
export interface HiddenLegs {
  readonly lexical: readonly FoundChunk[];
  readonly dense: readonly FoundChunk[];
}

/** Candidates of a leg, as in search. */
export const CANDIDATES = 50;
/** A chunk is found when at most two other documents, or what is counted, come before it. */
const BEST = 3;
const OWN = '';

/**
 * What a leg finds besides what is as good as the chunk that is asked for, and that chunk by its score when the words are
 * hidden, where it would be among the candidates then. `score` undefined: the leg does not find it.
 */
export function legWith(
  score: number | undefined,
  hits: readonly StoreHit[],
  countAs: CountAs,
): readonly FoundChunk[] {
  const isFound = score !== undefined && (hits.length < CANDIDATES || score > (hits.at(-1)?.score ?? score));
  const own = isFound ? [{ score, key: OWN, as: undefined }] : [];
  const others = hits.flatMap(({ chunk, score: its }) => {
    const as = countAs(chunk);
    return as === undefined ? [] : { score: its, key: keyOf(chunk), as };
  });
  return [...own, ...others].sort((a, b) => b.score - a.score);
}

/** By how much the best score exceeds the last one of another chunk. */
export function spreadOf(leg: readonly FoundChunk[]): number {
  const best = leg[0]?.score ?? 0;
  return best - (leg.findLast(({ as }) => as !== undefined)?.score ?? best);
}

/** Whether the chunk is found with each weight, fused as in search. */
export function foundAt({ lexical, dense }: HiddenLegs, spread: number | undefined): FoundAt {
  return WEIGHTS.map((weight) => isFound(fuse(lexical, dense, { weight, spread }, ({ key }) => key)));
}

function isFound(hits: readonly FoundChunk[]): boolean {
  const place = hits.findIndex(({ as }) => as === undefined);
  return place !== -1 && new Set(hits.slice(0, place).map(({ as }) => as)).size < BEST;
}
