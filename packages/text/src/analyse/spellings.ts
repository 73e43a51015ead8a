import { fold } from './fold.ts';
import { withoutParticle } from './korean.ts';
import { stem } from './stem.ts';
import type { Piece, Term } from './term.ts';

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
  const stripped = withoutParticle(folded);
  return stripped === folded ? [] : [stripped];
}

/** "e-mail" is also "email". */
export function joinedForms(pieces: readonly Piece[], end: number): readonly Term[] {
  const [first, second] = pieces;
  if (pieces.length !== 2 || first === undefined || second === undefined) return [];
  const term = stem(fold(first.raw + second.raw));
  return term.length > 32 ? [] : [{ term, start: first.at, end, isPart: true }];
}
