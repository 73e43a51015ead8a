import { stemmer } from 'stemmer';

/** One word of a text: its Porter stem, and where it stands (UTF-16 offsets). */
export interface Word {
  readonly stem: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** The words of a text as the index sees them: runs of letters and digits, no case, no diacritics, stemmed. */
export function wordsOf(text: string, stem: (raw: string) => string = stemOf): readonly Word[] {
  const words: Word[] = [];
  for (const match of text.matchAll(WORD)) {
    const raw = match[0];
    words.push({ stem: stem(raw), raw, start: match.index, end: match.index + raw.length });
  }
  return words;
}

export function stemsOf(text: string): ReadonlySet<string> {
  return new Set(wordsOf(text).map((word) => word.stem));
}

export function stemOf(raw: string): string {
  const plain = raw
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return /^[a-z]{3,40}$/.test(plain) ? stemmer(plain) : plain;
}

/**
 * Whether two different stems are likely one word family that Porter leaves apart ("failur" and "fail"): the shorter
 * one begins the longer one, or both share a long beginning and differ in at most two letters of ending.
 */
export function areRelatedStems(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4 || long.length - short.length > 4) return false;
  if (long.startsWith(short)) return short.length >= 5 || long.length - short.length <= 2;
  const shared = short.length - 1;
  return shared >= 5 && long.length - short.length <= 2 && long.startsWith(short.slice(0, shared));
}
