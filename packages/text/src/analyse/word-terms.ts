import { fold } from './fold.ts';
import { numberOf } from './numbers.ts';
import { joinedForms, spellingsOf } from './spellings.ts';
import { stem } from './stem.ts';
import type { Piece, Term } from './term.ts';

/** Longer words are cut, so that nobody fills the index with one word. */
const MAX_TERM = 64;
/** An identifier of more pieces is data, such as a hash, and is only known as a whole. */
const MAX_PIECES = 8;

/** The terms of a chain: words that nothing but single signs join, as `max_size`, `v22.5.0` or `well-known`. */
export function termsOfChain(chain: string): readonly Term[] {
  const end = chain.replace(/\p{Cf}+$/u, '').length;
  const number = numberOf(chain);
  if (number === undefined && SPACE.test(chain)) return withoutSpaces(chain);
  if (number !== undefined) return [part(number, 0, end, false), ...piecesOf(chain).flatMap(asParts)];
  const pieces = piecesOf(chain);
  if (DOTTED_INITIALS.test(chain)) return [part(fold(chain.replaceAll('.', '')), 0, end, false)];
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined && only.raw === chain) return termsOfWord(only);
  if (!isIdentifier(chain)) return [...pieces.flatMap(termsOfWord), ...joinedForms(pieces, end)];
  const whole = part(fold(chain).replace(/^v(?=\d)/, ''), 0, end, false);
  return [whole, ...pieces.flatMap(asParts)];
}

/** Groups of digits that turned out to be several numbers. */
const SPACE = /[ \u00A0\u2009\u202F]/;

function withoutSpaces(chain: string): readonly Term[] {
  return [...chain.matchAll(/[^ \u00A0\u2009\u202F]+/g)].flatMap(({ index, 0: single }) =>
    termsOfChain(single).map((term) => ({ ...term, start: term.start + index, end: term.end + index })),
  );
}

/** "U.S.", "e.g", "z.B" */
const DOTTED_INITIALS = /^(?:\p{L}\.)+\p{L}$/u;

/** Hyphens and colons join words too; only together with a digit they make a name, as in INV-2024-00317. */
function isIdentifier(chain: string): boolean {
  return /^[-.]|[_.]|::|[+#]$/.test(chain) || /\d/.test(chain);
}

function piecesOf(chain: string): readonly Piece[] {
  return [...chain.matchAll(/[\p{L}\p{N}\p{M}\p{Cf}\p{Co}]+/gu)].map((match) => ({
    raw: match[0],
    at: match.index,
  }));
}

/** A word without joining signs, with its parts where it is itself a name: getUserById, ISO27001. */
function termsOfWord({ raw, at }: Piece): readonly Term[] {
  const end = at + raw.replace(/\p{Cf}+$/u, '').length;
  const plural = /^(\p{Lu}{2,})s$/u.exec(raw)?.[1];
  const folded = fold(plural ?? raw);
  const term = stem(folded);
  const parts = plural === undefined ? partsOf(raw) : [];
  return [
    part(term, at, end, false),
    ...parts.map(({ raw: piece, at: from }) =>
      part(stem(fold(piece)), at + from, at + from + piece.length, true),
    ),
    ...spellingsOf(raw, folded).map((other) => part(stem(other), at, end, true)),
  ];
}

function asParts(piece: Piece): readonly Term[] {
  return termsOfWord(piece).map((term) => ({ ...term, isPart: true }));
}

const HUMPS = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[\p{Ll}\p{M}]+|\p{Lu}+|\p{N}+|\p{Lo}+/gu;
const HAS_HUMPS = /\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}|\p{L}\p{N}|\p{N}\p{L}/u;

function partsOf(raw: string): readonly Piece[] {
  if (raw.length > MAX_TERM || !HAS_HUMPS.test(raw) || /^0x/.test(raw)) return [];
  const parts = [...raw.matchAll(HUMPS)].map((match) => ({ raw: match[0], at: match.index }));
  return parts.length > 1 && parts.length <= MAX_PIECES ? parts : [];
}

function part(term: string, start: number, end: number, isPart: boolean): Term {
  return { term: term.length > MAX_TERM ? cut(term) : term, start, end, isPart };
}

/** Not within a surrogate pair. */
function cut(term: string): string {
  return term.slice(0, MAX_TERM).replace(/[\uD800-\uDBFF]$/, '');
}
