import { fold } from './fold.ts';
import { stem } from './stem.ts';
import type { Term } from './term.ts';
import type { Piece } from './word-terms.ts';

const UMLAUTS: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };
/** Hebrew writes "the", "and", "in", "to" and others onto the word; Arabic its article and some of these. */
const HEBREW_PREFIX = /^(?:[ושמלב]?ה|ו[בלמש]|כש|[ובכלמש])(?=\p{L}{3})/u;
const ARABIC_PREFIX = /^(?:[وفبك]?ال|لل|و)(?=\p{L}{3})/u;

/** Other ways to write the same word. */
export function spellingsOf(raw: string, folded: string): readonly string[] {
  if (!/\P{ASCII}/u.test(raw)) return [];
  const written = raw.normalize('NFC').toLowerCase();
  if (/[äöüåø]/.test(written))
    return [fold(written.replace(/[äöüåø]/g, (letter) => UMLAUTS[letter] ?? letter))];
  const bare = folded.replace(/^\p{sc=Hebrew}/u.test(folded) ? HEBREW_PREFIX : ARABIC_PREFIX, '');
  if (bare !== folded) return [bare];
  return /^\p{sc=Hangul}/u.test(folded) ? withoutParticle(folded) : [];
}

/** Korean particles, and the endings that make verbs of nouns. */
const PARTICLE =
  /(?<=\p{L}{2})(?:을|를|은|는|이|가|의|에|에서|에게|께서|한테|으로|로|와|과|도|만|까지|부터|마다|처럼|보다|이나|하고|이란|입니다|인가요|합니다|됩니다|했습니다|되었습니다|하나요|되나요|하는|되는|하다|되다|한다|된다|해야|하면|하려면|할|될)$/u;

function withoutParticle(word: string): readonly string[] {
  const bare = word.replace(PARTICLE, '');
  return bare === word ? [] : [bare];
}

/** "e-mail" is also "email". */
export function joinedForms(pieces: readonly Piece[], end: number): readonly Term[] {
  const [first, second] = pieces;
  if (pieces.length !== 2 || first === undefined || second === undefined) return [];
  const term = stem(fold(first.raw + second.raw));
  return term.length > 32 ? [] : [{ term, start: first.at, end, isPart: true }];
}
