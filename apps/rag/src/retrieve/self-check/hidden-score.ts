import { analyse } from '@xnai/text/analyse';
import type { StoreHit, TermStatistics } from '../../store/store.ts';
import { keyOf } from './key-of.ts';
import { type CheckQuestion, without } from './question.ts';

/** The terms that are asked for, with how many chunks hold each. */
export interface AskedTerms extends TermStatistics {
  readonly terms: readonly string[];
}

/**
 * The lexical score of the chunk when the words that are asked with are hidden from it. The index holds those words, so that
 * the chunk's score is cut to the share that BM25 gives to its other text. Undefined: not found.
 */
export function lexicalScore(
  question: CheckQuestion,
  hits: readonly StoreHit[],
  asked: AskedTerms,
): number | undefined {
  const own = hits.find(({ chunk }) => keyOf(chunk) === keyOf(question.chunk));
  const score = own === undefined ? 0 : own.score * shareBesides(question, asked);
  return score === 0 ? undefined : score;
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
