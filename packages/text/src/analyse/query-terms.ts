import { analyse } from './analyse.ts';
import { functionPhrases, isFunctionWord } from './function-words.ts';
import { isForeign, questionLanguage } from './language.ts';
import type { Language } from './languages.ts';
import type { Term } from './term.ts';

/**
 * The terms of a question that say what it is about. Function words of its language are left out, unless nothing else
 * is left; those in code marks, quotation marks or an identifier stay, and so do capitals as in "IT" and "US".
 *
 * @param languages those of the texts that are searched; none: all. English is always among them, and so are all others
 * where the question is surely in none of these.
 */
export function queryTerms(text: string, languages: readonly Language[] = []): readonly Term[] {
  const terms = [...analyse(text), ...freeSigns(text)];
  const among = isForeign(text, languages) ? [] : languages;
  const telling = terms.filter(isTelling(text, questionLanguage(text, among)));
  return telling.some(({ isPart }) => !isPart) ? telling : terms;
}

/** Whether a term of a text, at its place there, is more than a function word of this language. */
export function isTelling(text: string, language = questionLanguage(text)): (term: Term) => boolean {
  const kept = [MARKED, ...(language === 'en' ? [HYPHENED] : [])].flatMap((pattern) =>
    spansOf(text, pattern),
  );
  const asking = spansOf(text, functionPhrases(language));
  const isShouted = !/\p{Ll}/u.test(text);
  return ({ start, end }) => {
    if (asking.some((span) => span.start < end && start < span.end)) return false;
    const raw = text.slice(start, end);
    if (raw.length <= 2 && (isApostrophe(text[start - 1]) || isApostrophe(text[end]))) return false;
    if (language === undefined || !isFunctionWord(raw, language)) return true;
    if (kept.some((span) => span.start <= start && end <= span.end)) return true;
    return /^\p{Lu}{2,}$/u.test(raw) && !isShouted;
  };
}

/** "d" of d'un, "s" of it's. */
function isApostrophe(character: string | undefined): boolean {
  return character === "'" || character === '’';
}

/** What is written as code, quoted, or joined by signs to more: `if`, "to be", -a, on_exit, or.else. */
const MARKED =
  /`[^`]+`|["“„«][^"”“»]{1,100}["”“»]|(?<![\p{L}\p{N}])[\p{L}\p{N}]*[_.$][-_.$\p{L}\p{N}]*[\p{L}\p{N}]|(?<!\S)--?\p{L}[-\p{L}\p{N}]*/gu;
/** "for-each"; other languages ask with hyphens: "est-ce que". */
const HYPHENED = /(?<![-\p{L}\p{N}])[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)+/gu;

interface Range {
  readonly start: number;
  readonly end: number;
}

function spansOf(text: string, pattern: RegExp): readonly Range[] {
  return [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
    start: index,
    end: index + length,
  }));
}

/** In a question a single sign between spaces is asked about: "What does | do?" */
function freeSigns(text: string): readonly Term[] {
  return [...text.matchAll(/(?<=^|\s)[#$%&*+<=>@\\^|~](?=\s|$)/gu)].map(({ index, 0: term }) => ({
    term,
    start: index,
    end: index + 1,
    isPart: false,
  }));
}
