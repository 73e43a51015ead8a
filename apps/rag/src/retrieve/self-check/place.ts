import { analyse } from '@xnai/text/analyse';
import type { StoredChunk, StoreHit, TermStatistics } from '../../store/store.ts';
import { type CheckQuestion, without } from './question.ts';

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
): number | undefined {
  const own = hits.find(({ chunk }) => isSame(chunk, question.chunk));
  if (own === undefined) return undefined;
  const score = own.score * shareBesides(question, asked);
  return score === 0 ? undefined : placeOf(score, question.chunk, hits);
}

/** A chunk is found when at most two other documents come before it. */
export function isHit(place: number | undefined): boolean {
  return place !== undefined && place < 3;
}

/** How many other documents have a hit with a better score. */
export function placeOf(score: number, { documentId }: StoredChunk, hits: readonly StoreHit[]): number {
  const better = hits.filter((hit) => hit.score > score && hit.chunk.documentId !== documentId);
  return new Set(better.map(({ chunk }) => chunk.documentId)).size;
}

/** By how much the best cosine exceeds the last when the words that are asked with are hidden; `score`: the chunk's then. */
export function spreadWith(score: number, { documentId }: StoredChunk, hits: readonly StoreHit[]): number {
  const others = hits.filter(({ chunk }) => chunk.documentId !== documentId);
  const best = Math.max(score, others[0]?.score ?? score);
  return best - (others.at(-1)?.score ?? best);
}

function isSame(a: StoredChunk, b: StoredChunk): boolean {
  return a.documentId === b.documentId && a.ordinal === b.ordinal;
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
