import { createHash } from 'node:crypto';
import type { CutChunk } from '../postings/cut-terms.ts';

/** What the parser of PostgreSQL takes for one word, whatever its locale, and its dictionary `simple` leaves as it is. */
const PLAIN = /^(?!qz)[a-z]{1,60}$/;
/** As bytes of UTF-8; a longer term is told by its hash. The parser leaves out words of 2,048 bytes and more. */
const MOST_BYTES = 100;
/** `to_tsvector` keeps no more places of a word. */
const MOST_TIMES = 255;

/** The word by which pg_textsearch finds a term: another one for each term. */
export function wordOf(term: string): string {
  if (PLAIN.test(term)) return term;
  const bytes = Buffer.from(term);
  // "z" is none of the letters that stand for bytes.
  return bytes.length <= MOST_BYTES
    ? `qz${letters(bytes)}`
    : `qzz${letters(createHash('sha256').update(bytes).digest())}`;
}

/** `a` to `p`, two for each byte. */
function letters(bytes: Buffer): string {
  return bytes.toString('hex').replace(/[0-9]/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));
}

/** The text by which a chunk is found: each word as often as it counts, twice over, since parts of words count by halves. */
export function wordsOf({ terms, weights }: Pick<CutChunk, 'terms' | 'weights'>): string {
  return terms
    .flatMap((term, n) => {
      const times = Math.min(MOST_TIMES, Math.round(2 * (weights[n] ?? 0)));
      return Array.from({ length: times }, () => wordOf(term));
    })
    .join(' ');
}

/** @param asked by term: how often it is asked for */
export function questionOf(asked: ReadonlyMap<string, number>): string {
  return [...asked].flatMap(([term, times]) => Array.from({ length: times }, () => wordOf(term))).join(' ');
}
