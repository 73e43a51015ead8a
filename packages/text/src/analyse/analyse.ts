import { type Initial, Initials, initialOf } from './acronyms.ts';
import { isOperator } from './signs.ts';
import { pairsOf, segmentsOf } from './spaceless.ts';
import type { Term } from './term.ts';
import { termsOfChain } from './word-terms.ts';

const PAIRED = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\u30FC\u3099\u309A\uFF66-\uFF9F`;
const SEGMENTED = String.raw`\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}`;
const WORD = String.raw`[[\p{L}\p{N}\p{Co}]--[${PAIRED}${SEGMENTED}]][[\p{L}\p{N}\p{M}\p{Cf}\p{Co}]--[${PAIRED}${SEGMENTED}]]*`;
/** Signs that join words; a space joins groups of three digits. */
const JOIN = String.raw`(?:::|[.:\-]|_+|(?<=\d)(?:[,'’](?=\d)|[\u00A0\u2009\u202F ](?=\d{3}(?!\d))))`;
/** Of an option, and of a name such as .NET, also in the marks of emphasis. */
const LEADING = String.raw`(?<=(?:^|[\s\x60"'\(\[\|,=\/])[*_]{0,3})(?:--?|\.)(?=\p{L})`;
/** C++ and C# */
const TRAILING = String.raw`(?:\+\+|(?<=(?<!\p{L})\p{L})#)(?![\p{L}\p{N}])`;
const SIGN = String.raw`[\!\#\$%\&\*\+.\/\:\<\=\>\?\@\\\^\|\~\-]`;
const TOKEN = new RegExp(
  `((?:${LEADING})?${WORD}(?:${JOIN}${WORD}){0,15}(?:${TRAILING})?)|([${PAIRED}]+)` +
    String.raw`|([${SEGMENTED}]+)|(?:(?<=\x60)${SIGN}{1,4}(?=\x60)|(?:(?!${LEADING})${SIGN}){2,})`,
  'gv',
);

/**
 * The terms of a text in the order of their places: words folded and led back to their stem, pairs of characters in
 * scripts without spaces, numbers without separators, names of programs beside their parts, operators of code. Index,
 * question and answer are cut by this one function. Takes time in proportion to the length, and any text.
 */
export function analyse(text: string): readonly Term[] {
  const terms: Term[] = [];
  readTokens(text, {
    chain: ({ found }, at) => {
      for (const { term, start, end, isPart } of found)
        terms.push({ term, start: at + start, end: at + end, isPart });
    },
    others: (found) => {
      for (const term of found) terms.push(term);
    },
    initials: (found) => insert(terms, found),
  });
  return terms;
}

/**
 * What `analyse` finds as an index takes it, in which places count for nothing: the terms, and beside them those that are
 * parts or other spellings of others. Several times as fast, since most words are known and are given as they were read.
 */
export function joinTerms(text: string): { readonly whole: string; readonly parts: string } {
  const whole: string[] = [];
  const parts: string[] = [];
  const others = (found: readonly Term[]) => {
    for (const { term, isPart } of found) (isPart ? parts : whole).push(term);
  };
  readTokens(text, {
    chain: (chain) => {
      if (chain.whole !== '') whole.push(chain.whole);
      if (chain.parts !== '') parts.push(chain.parts);
    },
    others,
    initials: others,
  });
  return { whole: whole.join(' '), parts: parts.join(' ') };
}

interface TokenReader {
  readonly chain: (chain: Chain, at: number) => void;
  readonly others: (terms: readonly Term[]) => void;
  /** Of words that came before. */
  readonly initials: (terms: readonly Term[]) => void;
}

function readTokens(text: string, reader: TokenReader): void {
  const run = new Initials();
  let last = 0;
  // Not `matchAll`, which makes a copy of the expression for every text.
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) {
    const words = match[1];
    const start = match.index;
    if (words === undefined) {
      reader.others(otherTerms(text, match));
      continue;
    }
    const chain = readChain(words);
    const { initial } = chain;
    const goesOn = initial !== undefined && isOneSpace(text, last, start);
    if (!goesOn && !run.isEmpty) reader.initials(run.take());
    reader.chain(chain, start);
    last = start + words.length;
    if (initial !== undefined) run.add(initial, start, last);
  }
  if (!run.isEmpty) reader.initials(run.take());
}

function otherTerms(text: string, match: RegExpExecArray): readonly Term[] {
  const [token, , paired, segmented] = match;
  const start = match.index;
  const end = start + token.length;
  if (paired !== undefined) return pairsOf(paired, start);
  if (segmented !== undefined) return segmentsOf(segmented, start);
  return isOperator(text, start, end) ? [{ term: token, start, end, isPart: false }] : [];
}

function isOneSpace(text: string, from: number, to: number): boolean {
  return to - from === 1 && (text[from] === ' ' || text[from] === '-');
}

/** Puts initials behind the first word of their run. */
function insert(terms: Term[], initials: readonly Term[]): void {
  const [first] = initials;
  if (first === undefined) return;
  let at = terms.length;
  while ((terms[at - 1]?.start ?? -1) > first.start) at--;
  terms.splice(at, 0, ...initials);
}

interface Chain {
  /** Places are those within the chain. */
  readonly found: readonly Term[];
  readonly initial: Initial | undefined;
  /** The terms in one line, without those of `parts`. */
  readonly whole: string;
  readonly parts: string;
}

/** Most words of a text have been seen before. Only the time depends on it. */
const known = new Map<string, Chain>();
const MOST_KNOWN = 30_000;
const LONGEST_KNOWN = 64;

function readChain(chain: string): Chain {
  const seen = known.get(chain);
  if (seen !== undefined) return seen;
  const found = termsOfChain(chain);
  const line = (isPart: boolean) =>
    found
      .filter((term) => term.isPart === isPart)
      .map(({ term }) => term)
      .join(' ');
  const read = { found, initial: initialOf(chain), whole: line(false), parts: line(true) };
  if (known.size >= MOST_KNOWN) known.clear();
  if (chain.length <= LONGEST_KNOWN) known.set(chain, read);
  return read;
}
