import { analyse } from '@xnai/text/analyse';
import type { StoredChunk, StoreHit, TermStatistics } from '../../store/store.ts';
import { keyOf } from './key-of.ts';
import { type CheckQuestion, without } from './question.ts';

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

/** The terms that are asked for, with how many chunks hold each. */
export interface AskedTerms extends TermStatistics {
  readonly terms: readonly string[];
}

/**
 * How many other documents the lexical leg puts before the chunk when the words that are asked with are hidden from it.
 * The index holds those words, so that the chunk's score is cut to the share that BM25 gives to its other text.
 * Undefined: not found.
 */
export function lexicalPlace(
  question: CheckQuestion,
  hits: readonly StoreHit[],
  asked: AskedTerms,
  countAs = byDocument(question.chunk),
): number | undefined {
  const own = hits.find(({ chunk }) => keyOf(chunk) === keyOf(question.chunk));
  if (own === undefined) return undefined;
  const score = own.score * shareBesides(question, asked);
  return score === 0 ? undefined : placeOf(score, question.chunk, hits, countAs);
}

/** A chunk is found when at most two other documents, or what is counted, come before it. */
export function isHit(place: number | undefined): boolean {
  return place !== undefined && place < 3;
}

/** How many other documents, or what is counted, have a hit with a better score. */
export function placeOf(
  score: number,
  chunk: StoredChunk,
  hits: readonly StoreHit[],
  countAs = byDocument(chunk),
): number {
  const better = hits.filter((hit) => hit.score > score).map((hit) => countAs(hit.chunk));
  return new Set(better.filter((key) => key !== undefined)).size;
}

/** By how much the best cosine exceeds the last when the words that are asked with are hidden; `score`: the chunk's then. */
export function spreadWith(
  score: number,
  chunk: StoredChunk,
  hits: readonly StoreHit[],
  countAs = byDocument(chunk),
): number {
  const others = hits.filter((hit) => countAs(hit.chunk) !== undefined);
  const best = Math.max(score, others[0]?.score ?? score);
  return best - (others.at(-1)?.score ?? best);
}

/** The title counts twice in the index. */
const TITLE_WEIGHT = 2;
/** That of BM25 in the index. Lengths are left out: hiding a few words changes them little. */
const K1 = 1.2;

function shareBesides({ chunk, asked }: CheckQuestion, { terms, chunks, frequencies }: AskedTerms): number {
  const title = chunk.title ?? '';
  const heading = chunk.heading.filter((name) => name !== chunk.title).join('\n');
  const fields = [title, heading, chunk.text, chunk.context] as const;
  const all = countTerms(fields);
  const besides = countTerms(fields.map((field) => without(field, asked)));
  const sum = (counts: ReadonlyMap<string, number>) =>
    terms.reduce((total, term, at) => {
      const held = frequencies[at] ?? 0;
      const idf = Math.log(1 + (chunks - held + 0.5) / (held + 0.5));
      const count = counts.get(term) ?? 0;
      return total + (idf * count) / (count + K1);
    }, 0);
  const whole = sum(all);
  return whole === 0 ? 0 : sum(besides) / whole;
}

function countTerms([title = '', ...others]: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const add = (text: string, weight: number) => {
    for (const { term } of analyse(text)) counts.set(term, (counts.get(term) ?? 0) + weight);
  };
  add(title, TITLE_WEIGHT);
  for (const other of others) add(other, 1);
  return counts;
}
