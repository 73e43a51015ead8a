import { languagesOfFunctionWord, WORD_LANGUAGES } from './function-words.ts';
import type { Language } from './languages.ts';

/** As much of a document as tells its language. */
const SAMPLE = 20_000;

/** The language of a document: by its script, and by the function words where languages share one. */
export function detectLanguage(text: string): Language {
  const sample = text.slice(0, SAMPLE);
  return languageByScript(sample) ?? mostLikely(sample, WORD_LANGUAGES) ?? 'und';
}

/** Scripts of one language that is known here, with how many Latin letters one letter is worth. */
const SCRIPTS: readonly (readonly [Language, RegExp, number])[] = [
  ['ja', /[\p{sc=Hira}\p{sc=Kana}]/gu, 4],
  ['zh', /\p{sc=Han}/gu, 3],
  ['ko', /\p{sc=Hangul}/gu, 2],
  ['th', /\p{sc=Thai}/gu, 1],
  ['lo', /\p{sc=Lao}/gu, 1],
  ['km', /\p{sc=Khmer}/gu, 1],
  ['my', /\p{sc=Myanmar}/gu, 1],
  ['el', /\p{sc=Greek}/gu, 1],
  ['he', /\p{sc=Hebrew}/gu, 1],
  ['hi', /\p{sc=Devanagari}/gu, 1],
];

function languageByScript(text: string): Language | undefined {
  if (!OTHER_SCRIPTS.test(text)) return undefined;
  const others = text.match(/[\p{sc=Latin}\p{sc=Cyrillic}\p{sc=Arabic}]/gu)?.length ?? 0;
  const counts = SCRIPTS.map(([language, pattern, worth]) => ({
    language,
    letters: (text.match(pattern)?.length ?? 0) * worth,
  }));
  const kana = counts.find(({ language }) => language === 'ja')?.letters ?? 0;
  const han = counts.find(({ language }) => language === 'zh')?.letters ?? 0;
  const best = counts.reduce((a, b) => (b.letters > a.letters ? b : a));
  if (best.letters <= others * SHARE_OF_SCRIPT) return undefined;
  // Chinese texts hold single Kana; Japanese ones are a fifth Kana and more.
  if (best.language === 'zh' || best.language === 'ja') return kana * 5 > han ? 'ja' : 'zh';
  return best.language;
}

const OTHER_SCRIPTS = /[\u0370-\u03FF\u0590-\u05FF\u0900-\u{10FFFF}]/u;

/** Manuals in other scripts hold many names and commands in Latin letters. */
const SHARE_OF_SCRIPT = 0.5;

/**
 * The language of a question; undefined when nothing tells.
 *
 * @param languages those of the texts that are searched; none: all. English is always among them.
 */
export function questionLanguage(text: string, languages: readonly Language[] = []): Language | undefined {
  const among = languages.length === 0 ? WORD_LANGUAGES : [...new Set<Language>([...languages, 'en'])];
  return languageByScript(text) ?? mostLikely(text, among);
}

/**
 * Whether a question is in a language that the texts searched are not in, which its function words tell: its other words
 * are right ones, however near they come to a word of the texts.
 *
 * @param languages those of the texts; none: no question is foreign to them.
 */
export function isForeign(text: string, languages: readonly Language[]): boolean {
  const known: ReadonlySet<Language> = new Set(languages.filter((language) => language !== 'und'));
  if (known.size === 0 || languageByScript(text) !== undefined) return false;
  const scores = scoresOf(text, WORD_LANGUAGES);
  const most = (isKnown: boolean) =>
    Math.max(0, ...scores.filter(([language]) => known.has(language) === isKnown).map(([, score]) => score));
  const isEnglish = known.size === 1 && known.has('en');
  const letters = isEnglish && most(false) > 0 && /[[\p{sc=Latn}]--[A-Za-z]]/v.test(text) ? 1 : 0;
  return most(false) + letters - most(true) >= SURELY;
}

/** Two function words more, or one that asks beside a letter that English does not have. */
const SURELY = 2;

/** The language with most function words in the text, of equals the one that knows its first word. */
function mostLikely(text: string, among: readonly Language[]): Language | undefined {
  const [best] = scoresOf(text, among).toSorted(([, a], [, b]) => b - a);
  return best === undefined || best[1] === 0 ? undefined : best[0];
}

function scoresOf(text: string, among: readonly Language[]): readonly (readonly [Language, number])[] {
  const scores = new Map<Language, number>(among.map((language) => [language, 0]));
  for (const [at, word] of (text.match(/\p{L}[\p{L}\p{M}]+/gu) ?? []).entries()) {
    for (const language of languagesOfFunctionWord(word)) {
      const score = scores.get(language);
      if (score !== undefined) scores.set(language, score + (at === 0 ? 1.5 : 1));
    }
  }
  return [...scores];
}
