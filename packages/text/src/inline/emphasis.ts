/** A stretch of text, or a run of marks that may open or close emphasis. */
export interface Piece {
  text: string;
  readonly mark?: Mark;
  /** A code span, whose spaces stay. */
  readonly isCode?: boolean;
  /** Left out where other text is shown: words for a picture, and what is struck out. */
  isOptional?: boolean;
}

export interface Mark {
  readonly sign: string;
  readonly length: number;
  readonly opens: boolean;
  readonly closes: boolean;
}

/** The mark that a run of `*`, `_` or `~` is between the characters beside it (CommonMark 6.2). */
export function markOf(sign: string, length: number, before: string, after: string): Mark {
  const isLeft = !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before));
  const isRight = !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after));
  // A single star between letters or digits is an operator more often than emphasis: `2*3*4`.
  if (sign === '*' && length === 1 && /[\w)]/.test(before) && /[\w(]/.test(after))
    return { sign, length, opens: false, closes: false };
  const isWordly = sign !== '_';
  return {
    sign,
    length,
    opens: isLeft && (isWordly || !isRight || isPunctuation(before)),
    closes: isRight && (isWordly || !isLeft || isPunctuation(after)),
  };
}

function isSpace(character: string): boolean {
  return /^\s?$/.test(character);
}

function isPunctuation(character: string): boolean {
  return /^[\p{P}\p{S}]$/u.test(character);
}

interface Opener {
  readonly at: number;
  readonly piece: Piece;
  readonly mark: Mark;
}

interface Emphasis {
  readonly openers: Opener[];
  /** How many of the openers have a sign. */
  readonly counts: Map<string, number>;
  /** By how much the number of strokes through a piece differs from that of the piece before. */
  readonly struck: Int32Array;
}

/**
 * Takes the marks of emphasis out of the pieces, and makes text between `~~` optional. Each opener is taken from the stack at
 * most once, so that time is linear in the number of marks.
 */
export function takeEmphasis(pieces: readonly Piece[]): void {
  const state: Emphasis = { openers: [], counts: new Map(), struck: new Int32Array(pieces.length + 1) };
  for (const [at, piece] of pieces.entries()) {
    const { mark } = piece;
    if (mark?.closes) closeWith(state, { at, piece, mark });
    if (mark?.opens && piece.text !== '') {
      state.openers.push({ at, piece, mark });
      count(state, mark.sign, 1);
    }
  }
  markStruck(pieces, state.struck);
}

/** Openers of other signs that lie between are text. */
function closeWith(state: Emphasis, closer: Opener): void {
  const { sign } = closer.mark;
  while (closer.piece.text !== '' && (state.counts.get(sign) ?? 0) > 0) {
    const opener = state.openers.at(-1) as Opener;
    if (opener.mark.sign === sign) {
      if (!matches(opener.mark, closer.mark)) return;
      takePair(opener.piece, closer.piece);
      if (sign === '~') strike(state.struck, opener.at, closer.at);
      if (opener.piece.text !== '') continue;
    }
    state.openers.pop();
    count(state, opener.mark.sign, -1);
  }
}

function count({ counts }: Emphasis, sign: string, change: number): void {
  counts.set(sign, (counts.get(sign) ?? 0) + change);
}

function matches(opener: Mark, closer: Mark): boolean {
  if (opener.sign === '~') return opener.length === closer.length;
  const isAmbiguous = opener.closes || closer.opens;
  const isThird = (opener.length + closer.length) % 3 === 0;
  return !(isAmbiguous && isThird && (opener.length % 3 !== 0 || closer.length % 3 !== 0));
}

function takePair(opener: Piece, closer: Piece): void {
  const length = Math.min(2, opener.text.length, closer.text.length);
  opener.text = opener.text.slice(length);
  closer.text = closer.text.slice(length);
}

function strike(struck: Int32Array, from: number, to: number): void {
  struck[from] = (struck[from] ?? 0) + 1;
  struck[to] = (struck[to] ?? 0) - 1;
}

function markStruck(pieces: readonly Piece[], struck: Int32Array): void {
  let strokes = 0;
  for (const [at, piece] of pieces.entries()) {
    strokes += struck[at] ?? 0;
    if (strokes > 0) piece.isOptional = true;
  }
}
