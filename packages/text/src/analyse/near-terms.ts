import { fold } from './fold.ts';
import { isFunctionStem } from './function-words.ts';
import { stem } from './stem.ts';

/** A term of the vocabulary and how many chunks hold it. */
export interface VocabularyTerm {
  readonly term: string;
  readonly frequency: number;
}

const MOST_COMPOUNDS = 8;

/**
 * What may stand for a word whose term no text holds, best first; none for names with digits or signs in them. One error away
 * is its right spelling; then come compounds with it, or a part of it where it is long; then the spelling two errors away.
 * Goes through the vocabulary once.
 */
export function nearTerms(word: string, vocabulary: Iterable<VocabularyTerm>): readonly string[] {
  const folded = fold(word);
  if (!IS_WORD.test(folded) || folded.length > LONGEST_WORD) return [];
  const term = stem(folded);
  const most = errorsAllowed(term);
  const oneAway = stemsOneErrorAway(folded);
  const spellings: (VocabularyTerm & { readonly errors: number })[] = [];
  const compounds: VocabularyTerm[] = [];
  for (const other of vocabulary) {
    const errors = errorsBetween(term, other.term, most);
    if (oneAway.has(other.term) && !isBeginning(other.term, folded)) spellings.push({ ...other, errors: 1 });
    else if (errors <= most) spellings.push({ ...other, errors });
    else if (isPartOf(other.term, term) || isWithin(folded, term, other.term)) compounds.push(other);
  }
  return best(spellings.filter(isWord), compounds.filter(isWord)).filter((near) => near !== term);
}

function best(
  spellings: readonly (VocabularyTerm & { readonly errors: number })[],
  compounds: readonly VocabularyTerm[],
): readonly string[] {
  const nearest = spellings.toSorted((a, b) => a.errors - b.errors || b.frequency - a.frequency)[0];
  if (nearest !== undefined && (nearest.errors === 1 || compounds.length === 0)) return [nearest.term];
  const commonest = compounds.toSorted((a, b) => b.frequency - a.frequency);
  return commonest.slice(0, MOST_COMPOUNDS).map((found) => found.term);
}

/** What joins or asks never stands for a word that tells: "nicht" for "Nacht". */
function isWord({ term }: VocabularyTerm): boolean {
  return IS_WORD.test(term) && !isFunctionStem(term);
}

const IS_WORD = /^\p{L}+$/u;
/** No language writes longer words that anyone asks for. */
const LONGEST_WORD = 64;

/**
 * Whether a stem is only the first letters of a word, since one letter more or less made the rest an ending: "par" of
 * "parking". Two swapped letters of the ending are an error all the same: "animla".
 */
function isBeginning(part: string, word: string): boolean {
  return word.startsWith(part) && !swapsOf(word).some((swapped) => stem(swapped) === part);
}

/**
 * Whether a compound holds a word. It begins with the whole word, since a stem also begins others ("Größe" and
 * "Großrinder"), or with a long stem.
 */
function isWithin(word: string, term: string, compound: string): boolean {
  if (!isCompoundOf(term, compound)) return false;
  return term.length >= LEAST_STEM || compound.startsWith(word) || compound.endsWith(term);
}

const LEAST_STEM = 6;
/** Shorter words are too near to too many others. */
const ONE_ERROR = 5;
const TWO_ERRORS = 8;

export function errorsAllowed(term: string): number {
  if (term.length >= TWO_ERRORS) return 2;
  return term.length >= ONE_ERROR ? 1 : 0;
}

const ALPHABETS = ['abcdefghijklmnopqrstuvwxyz', 'абвгдежзийклмнопрстуфхцчшщъыьэюя'].map((letters) => [
  ...letters,
]);

/** The terms of all words one error away, since a wrong letter changes which ending a stem loses: "animla", "animal". */
function stemsOneErrorAway(word: string): ReadonlySet<string> {
  if (word.length < ONE_SWAP || word.length > LONGEST_TYPO) return new Set();
  if (word.length < ONE_ERROR) return new Set(swapsOf(word).map(stem));
  const letters = ALPHABETS.find((alphabet) => alphabet.includes(word.charAt(1))) ?? [];
  const found = new Set(swapsOf(word).map(stem));
  for (let at = 1; at <= word.length; at++) {
    const [head, here, tail] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
    if (here !== '') found.add(stem(head + tail));
    for (const letter of letters) {
      found.add(stem(head + letter + here + tail));
      if (here !== '' && replacing(word, here, letter) === 1) found.add(stem(head + letter + tail));
    }
  }
  return found;
}

const LONGEST_TYPO = 24;
/** In the shortest words only two swapped letters are taken for an error: "klin". */
const ONE_SWAP = 4;

function swapsOf(word: string): readonly string[] {
  return Array.from({ length: Math.max(0, word.length - 2) }, (_, index) => {
    const at = index + 1;
    return word.slice(0, at) + word.charAt(at + 1) + word.charAt(at) + word.slice(at + 2);
  });
}

const LEAST_PART = 5;
/** What stands before the last part of a compound is a word too, and no prefix as in "verbraucht". */
const LEAST_REST = 4;

/** Whether the long word begins or ends with the short one: "Datenschutz" in "Datenschutzgrundverordnung". */
export function isCompoundOf(short: string, long: string): boolean {
  if (short.length < LEAST_PART) return false;
  return long.startsWith(short) || (long.length >= short.length + LEAST_REST && long.endsWith(short));
}

/** Words below this length that hold another one are rarely compounds: "understand". */
const LEAST_COMPOUND = 12;

function isPartOf(part: string, compound: string): boolean {
  return compound.length >= LEAST_COMPOUND && isCompoundOf(part, compound);
}

/** In short words another consonant makes another word, as in "price" and "prize". */
const LEAST_REPLACED = 7;
const VOWEL = /^[aeiouy]$/;

/**
 * Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other (optimal string
 * alignment); `most + 1` when there are more than `most`.
 */
export function errorsBetween(a: string, b: string, most: number): number {
  if (!mayBeNear(a, b, most)) return most + 1;
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? (before[j - 2] ?? most) + 1 : most + 1;
      const replaced = (last[j - 1] ?? most) + replacing(a, a[i - 1], b[j - 1]);
      row.push(Math.min((last[j] ?? most) + 1, (row[j - 1] ?? most) + 1, replaced, swapped));
    }
    if (Math.min(...row) > most) return most + 1;
    [before, last] = [last, row];
  }
  return last[b.length] ?? most + 1;
}

/** The first letter is seldom the wrong one. */
function mayBeNear(a: string, b: string, most: number): boolean {
  return most > 0 && a[0] === b[0] && Math.abs(a.length - b.length) <= most;
}

function replacing(word: string, letter = '', other = ''): number {
  if (letter === other) return 0;
  return word.length >= LEAST_REPLACED || (VOWEL.test(letter) && VOWEL.test(other)) ? 1 : 2;
}
