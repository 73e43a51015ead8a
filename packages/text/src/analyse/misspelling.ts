import { fold } from './fold.ts';
import { errorsAllowed, errorsBetween } from './near-terms.ts';
import { stem } from './stem.ts';

/**
 * Whether a word looks like a wrong spelling of the other, and is no other form of it ("reinige" and "Reinigung"), compound
 * with it, or part of it.
 */
export function isMisspelling(asked: string, right: string): boolean {
  const [word, other] = [fold(asked), fold(right)];
  const isNear = areNear(word, other) || areNear(stem(word), stem(other));
  return isNear && !differInEnding(word, other) && !differInRun(word, other);
}

function areNear(word: string, other: string): boolean {
  // Of the shortest words only those with two swapped letters are ever taken for others.
  const most = errorsAllowed(word) || 1;
  return errorsBetween(word, other, most) <= most;
}

const LEAST_BEGINNING = 4;
/** Of nouns, adjectives and verbs in the languages whose forms the stem does not lead back to one word, folded. */
const ENDING = new RegExp(
  `^(?:${[
    'e|en|er|es|em|et|n|s|st|t|te|ten|tes|ter|tem|end|ende|enden|ender|ung|ungen|ern|eln|ig|lich',
    'a|o|as|os|an|ar|ir|ado|ada|ados|adas|ido|ida|ando|iendo|are|ere|ire|ato|ata|ati|ate|i',
    'ee|ees|ez|ent|ant|ante|ait|ons|ement|age|eur|euse|ed|ing|ings|ion|ions|ation|ment',
  ].join('|')})?$`,
  'u',
);

function differInEnding(a: string, b: string): boolean {
  const shared = sharedBeginning(a, b);
  for (let at = LEAST_BEGINNING; at <= shared; at++) {
    if (ENDING.test(a.slice(at)) && ENDING.test(b.slice(at))) return true;
  }
  return false;
}

/** Whether two or more letters in a row are all that one word has more, as a prefix within: "einreichen", "einzureichen". */
function differInRun(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const more = long.length - short.length;
  const shared = sharedBeginning(short, long);
  return more >= 2 && long.slice(shared + more) === short.slice(shared);
}

function sharedBeginning(a: string, b: string): number {
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared++;
  return shared;
}
