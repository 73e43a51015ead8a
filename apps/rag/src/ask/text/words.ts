import { analyse, isCompoundOf, isTelling, type Language, type Term } from '@xnai/text/analyse';

/** One word of a text, or one name of a program, and where it stands (UTF-16 offsets). */
export interface Word {
  /** The term under which index, question and answer compare it. */
  readonly stem: string;
  readonly raw: string;
  readonly start: number;
  readonly end: number;
  /** Other spellings of it, and acronyms that it is in: each stands for the word. */
  readonly spellings: readonly string[];
  /** Parts of a name: all of them together stand for it. */
  readonly pieces: readonly string[];
}

/** The words of a text. */
export function wordsOf(text: string): readonly Word[] {
  const terms = analyse(text);
  const parts = terms.filter(({ isPart }) => isPart);
  const words = terms.filter(({ isPart }) => !isPart);
  if (parts.length === 0) return words.map((word) => toWord(text, word, []));
  const around = new Map<Term, Term[]>(words.map((word) => [word, []]));
  let first = 0;
  for (const part of parts) {
    while ((words[first]?.end ?? part.end) <= part.start) first++;
    for (let at = first; (words[at]?.start ?? part.end) < part.end; at++) {
      const word = words[at];
      if (word !== undefined) around.get(word)?.push(part);
    }
  }
  return words.map((word) => toWord(text, word, around.get(word) ?? []));
}

function toWord(text: string, { term, start, end }: Term, parts: readonly Term[]): Word {
  const spellings = parts.filter((part) => part.start <= start && part.end >= end).map((part) => part.term);
  const inside = parts.filter((part) => isWithin(part, { start, end }));
  const pieces = inside.filter((part) => !inside.some((other) => isWithin(other, part)));
  return {
    stem: term,
    raw: text.slice(start, end),
    start,
    end,
    spellings,
    pieces: pieces.map((part) => part.term),
  };
}

type Span = Pick<Term, 'start' | 'end'>;

function isWithin(inner: Span, outer: Span): boolean {
  return inner.start >= outer.start && inner.end <= outer.end && isShorter(inner, outer);
}

function isShorter(one: Span, other: Span): boolean {
  return one.end - one.start < other.end - other.start;
}

/** The words of a text that say more than its grammar; `language` is its own, where it is known. */
export function tellingWords(text: string, language?: Language): readonly Word[] {
  const isSaying = isTelling(text, language);
  return wordsOf(text).filter(({ stem, start, end }) => isSaying({ term: stem, start, end, isPart: false }));
}

/** Everything that a text holds: words, their other spellings and the parts of names. */
export function stemsOf(text: string): ReadonlySet<string> {
  return new Set(analyse(text).map(({ term }) => term));
}

/** The term of one word. */
export function stemOf(raw: string): string {
  return analyse(raw).find(({ isPart }) => !isPart)?.term ?? raw;
}

/** Whether a text of these stems holds the word, in any spelling or in pieces. */
export function holdsWord(stems: ReadonlySet<string>, { stem, spellings, pieces }: Word): boolean {
  if (stems.has(stem) || spellings.some((spelling) => stems.has(spelling))) return true;
  return pieces.length > 0 && pieces.every((piece) => stems.has(piece));
}

const IS_PLAIN = /^[a-z]+$/;
const LEAST_PART = 6;

/**
 * Whether two different stems are likely one word family. In plain Latin letters, which Porter has stemmed: "failur" and
 * "fail", where the shorter one begins the longer one, or both share a long beginning and differ in at most two letters
 * of ending. Other scripts are not stemmed, so that endings differ by three letters. A part of a compound counts too.
 */
export function areRelatedStems(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const isPart = short.length >= LEAST_PART && long.length - short.length > 4 && isCompoundOf(short, long);
  if (isPart || short[0] !== long[0]) return isPart;
  if (!IS_PLAIN.test(short) || !IS_PLAIN.test(long)) return haveOneBeginning(short, long);
  if (short.length < 4 || long.length - short.length > 4) return false;
  if (long.startsWith(short)) return short.length >= 5 || long.length - short.length <= 2;
  const shared = short.length - 1;
  return shared >= 5 && long.length - short.length <= 2 && long.startsWith(short.slice(0, shared));
}

const LEAST_BEGINNING = 3;
const MOST_ENDING = 3;

function haveOneBeginning(short: string, long: string): boolean {
  if (!/^\p{L}+$/u.test(short) || !/^\p{L}+$/u.test(long)) return false;
  let shared = 0;
  while (shared < short.length && short[shared] === long[shared]) shared++;
  return shared >= LEAST_BEGINNING && long.length - shared <= MOST_ENDING && shared * 5 >= long.length * 3;
}
