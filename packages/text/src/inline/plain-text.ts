import type { TextDocument } from '@xnai/contracts';
import { decodeHTMLStrict } from 'entities/decode';
import { markOf, type Piece, takeEmphasis } from './emphasis.ts';
import { tagAt } from './html-tags.ts';

/**
 * The text of a block, or of a stretch of one, as a reader sees it: links by their words, without marks of emphasis,
 * escapes and tags, in one line. Code spans keep their backquotes, and text that is struck out is left out. Only
 * Markdown has such marks; other text comes back as it is. Time is linear in the length of the text.
 */
export function plainText(inline: TextDocument['inline'], text: string): string {
  if (inline !== 'markdown') return text;
  const scan: InlineScan = { text, at: 0, pieces: [], brackets: [], runs: undefined, hasComments: true };
  while (scan.at < text.length) {
    SPECIAL.lastIndex = scan.at;
    const next = SPECIAL.exec(text)?.index ?? text.length;
    if (next > scan.at) scan.pieces.push({ text: text.slice(scan.at, next) });
    scan.at = next;
    if (next < text.length) (READERS[text.charAt(next)] ?? readLineEnd)(scan);
  }
  takeEmphasis(scan.pieces);
  return joined(scan.pieces.filter((piece) => !piece.isOptional)) || joined(scan.pieces);
}

/** The text of a name, such as a heading, a term or a column: without the backquotes of code, too. */
export function plainName(inline: TextDocument['inline'], text: string): string {
  const shown = plainText(inline, text);
  return inline === 'none' ? shown : shown.replaceAll('`', '');
}

/** With one space where several would stand between words. */
function joined(pieces: readonly Piece[]): string {
  let shown = '';
  for (const piece of pieces) {
    if (piece.isCode) shown += piece.text;
    else {
      const text = piece.text.replace(/[ \t]{2,}/g, ' ');
      shown += text.startsWith(' ') && /^$|\s$/.test(shown.slice(-1)) ? text.slice(1) : text;
    }
  }
  return shown.trim();
}

interface InlineScan {
  readonly text: string;
  at: number;
  readonly pieces: Piece[];
  /** The pieces `[` and `![` that are open. */
  readonly brackets: { readonly piece: number; readonly at: number }[];
  /** Where runs of backquotes begin, by length; those before `at` are dropped as they are met. */
  runs: Map<number, number[]> | undefined;
  hasComments: boolean;
}

const SPECIAL = /[\\`*_~<&[\]$\r\n]|!\[/g;

const READERS: Readonly<Record<string, (scan: InlineScan) => void>> = {
  '\\': readEscape,
  '`': readCode,
  '*': readMark,
  _: readMark,
  '~': readMark,
  '<': readAngle,
  '&': readReference,
  '[': openBracket,
  '!': openBracket,
  ']': closeBracket,
  $: readFormula,
};

/** Adds what is shown for the next `length` characters. */
function show(scan: InlineScan, length: number, text = scan.text.slice(scan.at, scan.at + length)): Piece {
  const piece: Piece = { text };
  scan.pieces.push(piece);
  scan.at += length;
  return piece;
}

const LINE_END = /(?:\r\n|\n|\r)[ \t]*(?:>[ \t]*)*/y;

/** Lines are joined; those of a quote begin with its marks. */
function readLineEnd(scan: InlineScan): void {
  const last = scan.pieces.at(-1);
  if (last !== undefined) last.text = last.text.trimEnd();
  show(scan, lengthAt(LINE_END, scan) || 1, ' ');
}

function readEscape(scan: InlineScan): void {
  const next = scan.text.charAt(scan.at + 1);
  if (/[!-/:-@[-`{-~]/.test(next)) show(scan, 2, next);
  else show(scan, 1, next === '\n' || next === '\r' ? '' : '\\');
}

/** Inside a code span nothing is a mark. */
function readCode(scan: InlineScan): void {
  scan.runs ??= runsOf(scan.text);
  const length = lengthAt(/`+/y, scan);
  const starts = scan.runs.get(length) ?? [];
  while ((starts.at(-1) ?? Number.POSITIVE_INFINITY) <= scan.at) starts.pop();
  const end = starts.at(-1);
  const next = end === undefined ? scan.at + length : end + length;
  scan.pieces.push({ text: scan.text.slice(scan.at, next), isCode: true });
  scan.at = next;
}

/** Where runs begin, by their length, the last one first. */
function runsOf(text: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const { index, 0: run } of [...text.matchAll(/`+/g)].reverse()) {
    const starts = runs.get(run.length);
    if (starts === undefined) runs.set(run.length, [index]);
    else starts.push(index);
  }
  return runs;
}

function readMark(scan: InlineScan): void {
  const { text, at } = scan;
  const sign = text.charAt(at);
  let end = at;
  while (text[end] === sign) end += 1;
  const mark = markOf(
    sign,
    end - at,
    codePointBefore(text, at),
    String.fromCodePoint(text.codePointAt(end) ?? 32),
  );
  if (sign !== '~' || mark.length === 2) scan.pieces.push({ text: text.slice(at, end), mark });
  else scan.pieces.push({ text: text.slice(at, end) });
  scan.at = end;
}

function codePointBefore(text: string, at: number): string {
  const unit = text.charAt(at - 1);
  return /[\udc00-\udfff]/.test(unit) ? text.slice(at - 2, at) : unit;
}

/** Tags, comments, and links in angle brackets. */
function readAngle(scan: InlineScan): void {
  const { text, at } = scan;
  if (scan.hasComments && text.startsWith('<!--', at)) {
    const end = text.indexOf('-->', at);
    scan.hasComments = end !== -1;
    show(scan, end === -1 ? 1 : end + 3 - at, end === -1 ? '<' : '');
    return;
  }
  const tag = tagAt(text, at);
  const piece = show(scan, tag === undefined ? 1 : tag.next - at, tag?.text);
  if (tag?.isPicture) piece.isOptional = true;
}

const REFERENCE = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/iy;

function readReference(scan: InlineScan): void {
  const length = lengthAt(REFERENCE, scan);
  const character = decodeHTMLStrict(scan.text.slice(scan.at, scan.at + length));
  if (length === 0) show(scan, 1);
  else show(scan, length, character === '\u00a0' ? ' ' : character);
}

/** `$E = mc^2$`, but not `$5 and $6`. */
const FORMULA = /\$\$?(?![\s$])(?:[^$\n\\]|\\.)*(?<![\s$])\$\$?(?!\d)/y;

function readFormula(scan: InlineScan): void {
  show(scan, lengthAt(FORMULA, scan) || 1);
}

function openBracket(scan: InlineScan): void {
  scan.brackets.push({ piece: scan.pieces.length, at: scan.at });
  show(scan, scan.text[scan.at] === '!' ? 2 : 1);
}

const TARGET =
  /\]\([ \t\r\n]*(<[^<>\n]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?:[ \t\r\n]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t\r\n]*\)/y;
const LABEL = /\]\[[^[\]]{0,999}\]/y;

/** The end of a link or an image, which is shown by its words; other brackets stay. */
function closeBracket(scan: InlineScan): void {
  const { text, at, pieces } = scan;
  const open = scan.brackets.pop();
  TARGET.lastIndex = at;
  const target = open === undefined ? null : TARGET.exec(text);
  const length = target?.[0].length ?? labelLength(scan, open?.at);
  if (open === undefined || length === 0) {
    show(scan, 1);
    return;
  }
  const isPermalink = target?.[1]?.startsWith('#') && /^\[(?:[¶#§]|🔗)$/u.test(text.slice(open.at, at));
  for (const piece of pieces.slice(open.piece, isPermalink ? undefined : open.piece + 1)) piece.text = '';
  // A picture that is a link by itself is a badge.
  const isBadge = text[open.at] === '!' && scan.brackets.at(-1)?.piece === open.piece - 1;
  if (isBadge) for (const piece of pieces.slice(open.piece + 1)) piece.isOptional = true;
  show(scan, length, '');
}

/** Of `[words][label]`; brackets right behind a word are an index into it. */
function labelLength(scan: InlineScan, opening = 0): number {
  const isIndex = opening > 0 && /[\w\])]/.test(scan.text.charAt(opening - 1));
  return isIndex ? 0 : lengthAt(LABEL, scan);
}

function lengthAt(pattern: RegExp, { text, at }: InlineScan): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
