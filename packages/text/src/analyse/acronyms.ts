import { fold } from './fold.ts';
import { isFunctionWord } from './function-words.ts';
import { stem } from './stem.ts';
import type { Term } from './term.ts';

const LEAST = 2;
const MOST = 6;
/** Small words within a name, with or without a letter of their own in its acronym: IoT, but FBI. */
const CONNECTORS = new Set('and de der des du fur für la of per the to und'.split(' '));

/** What a word adds to the initials of a run: a letter when it has a capital, or it connects two that have. */
export interface Initial {
  readonly letter: string;
  readonly isSmall: boolean;
  /** "The" and its like begin no name, but may stand in one: Mean Time Between Failures. */
  readonly mayBegin: boolean;
}

/** Undefined for words that end a run. */
export function initialOf(raw: string): Initial | undefined {
  if (CONNECTORS.has(raw)) return { letter: raw.charAt(0), isSmall: true, mayBegin: false };
  if (!/^\p{Lu}[\p{Ll}\p{Lu}]*\p{Ll}/u.test(raw)) return undefined;
  // Some capitals, as those of mathematics, have two code units.
  const [first = ''] = raw;
  return { letter: first.toLowerCase(), isSmall: false, mayBegin: !isFunctionWord(raw, 'en') };
}

/** Collects words as they come and gives the initials of capitalised runs: "Recovery Time Objective" gives "rto". */
export class Initials {
  #words: (Initial & { readonly start: number; readonly end: number })[] = [];

  get isEmpty(): boolean {
    return this.#words.length === 0;
  }

  add(initial: Initial, start: number, end: number): void {
    if (initial.mayBegin || !this.isEmpty) this.#words.push({ ...initial, start, end });
  }

  /** Ends the run. */
  take(): readonly Term[] {
    const words = this.#words;
    this.#words = [];
    while (words.at(-1)?.isSmall === true) words.pop();
    const capitals = words.filter(({ isSmall }) => !isSmall);
    if (capitals.length < LEAST || words.length > MOST) return [];
    // The first word of a sentence may be none of the name: "Check Recovery Time Objective".
    const runs = [
      words,
      ...(capitals.length > 2 ? [capitals] : []),
      ...(capitals.length > 3 ? [capitals.slice(1)] : []),
    ];
    const [start, end] = [words[0]?.start ?? 0, words.at(-1)?.end ?? 0];
    return [...new Set(runs.map(joined))].map((term) => ({ term, start, end, isPart: true }));
  }
}

/** With the stem that the acronym itself gets: POS is "po". */
function joined(words: readonly Pick<Initial, 'letter'>[]): string {
  return stem(fold(words.map(({ letter }) => letter).join('')));
}
