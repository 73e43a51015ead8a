import { stemsOf, tellingWords, wordsOf } from '../text/words.ts';

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
  const said = stemsOf(other);
  return denied.some((stem) => said.has(stem));
}

/** The first telling word after each negation. "Not only" and "no more than" deny nothing. */
function deniedStems(text: string): readonly string[] {
  return text.split(/[,;:()]|[.!?](?=\s|$)|\bbut\b/).flatMap((clause) => {
    const words = wordsOf(clause).map(({ raw, stem, start }) => ({ raw: raw.toLowerCase(), stem, start }));
    const telling = tellingWords(clause);
    return words.flatMap((word, at) => {
      const isNegation =
        NEGATIONS.has(word.raw) && words[at + 1]?.raw !== 'only' && words[at + 2]?.raw !== 'than';
      if (!isNegation) return [];
      const told = telling.find(({ start }) => start > word.start);
      return told === undefined ? [] : [told.stem];
    });
  });
}
