import { FUNCTION_WORDS } from '../text/question-words.ts';
import { wordsOf } from '../text/words.ts';

/** `t` is the second half of "isn't" once it is split into words. Other languages have their commonest words only. */
const NEGATIONS = new Set(
  'not no never neither nor cannot without t nicht kein keine keinen keiner nie pas jamais nunca'.split(' '),
);

/** Whether one of two texts denies a word that the other says, and that other denies nothing. */
export function contradicts(a: string, b: string): boolean {
  return denies(a, b) || denies(b, a);
}

function denies(text: string, other: string): boolean {
  const denied = deniedStems(text);
  if (denied.length === 0 || deniedStems(other).length > 0) return false;
  const said = new Set(wordsOf(other).map(({ stem }) => stem));
  return denied.some((stem) => said.has(stem));
}

/** The first telling word after each negation. "Not only" and "no more than" deny nothing. */
function deniedStems(text: string): readonly string[] {
  return text.split(/[,;:()]|[.!?](?=\s|$)|\bbut\b/).flatMap((clause) => {
    const words = wordsOf(clause).map(({ raw, stem }) => ({ raw: raw.toLowerCase(), stem }));
    return words.flatMap(({ raw }, at) => {
      const isNegation = NEGATIONS.has(raw) && words[at + 1]?.raw !== 'only' && words[at + 2]?.raw !== 'than';
      if (!isNegation) return [];
      const told = words.slice(at + 1).find((word) => !FUNCTION_WORDS.has(word.raw));
      return told === undefined ? [] : [told.stem];
    });
  });
}
