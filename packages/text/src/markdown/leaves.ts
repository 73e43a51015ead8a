import { plainText } from '../inline/plain-text.ts';
import { skipBlank, trimEnd } from '../span.ts';
import { type Cursor, indentOf, isBlank, restOf, takeIndent } from './cursor.ts';
import { fenceAt, pushFenced, readFenced } from './fence.ts';
import { pushHtml } from './html-block.ts';
import { htmlStart } from './html-start.ts';
import { skipLinkDefinitions } from './link-definitions.ts';
import {
  claimStart,
  type Paragraph,
  push,
  pushHeading,
  pushText,
  type Scan,
  topFrame,
  type Verbatim,
} from './scan.ts';

/** Ends the block that is open, and the containers beyond this depth. */
export function closeFrames(scan: Scan, depth: number): void {
  closeLeaf(scan);
  if (scan.frames.length === depth) return;
  scan.frames.length = depth;
  scan.mark = undefined;
}

/** Makes place for a block at this depth. */
export function enter(scan: Scan, depth: number): void {
  closeFrames(scan, depth);
  topFrame(scan).list = undefined;
}

export function closeLeaf(scan: Scan): void {
  const { leaf } = scan;
  scan.leaf = undefined;
  switch (leaf?.kind) {
    case 'paragraph':
      closeParagraph(scan, leaf);
      break;
    case 'fence':
      pushFenced(scan, leaf);
      break;
    case 'html':
      pushHtml(scan, leaf);
      break;
    case 'indented':
    case 'math':
      pushVerbatim(scan, leaf);
  }
}

function pushVerbatim(scan: Scan, { kind, start, bodyStart, bodyEnd, end }: Verbatim): void {
  if (bodyEnd <= bodyStart) return;
  push(scan, { kind: kind === 'math' ? 'math' : 'code', start, bodyStart, bodyEnd, end });
}

function closeParagraph(scan: Scan, { start, bodyStart, end, lines }: Paragraph): void {
  const first = skipLinkDefinitions(scan.text, bodyStart, end);
  const from = first === bodyStart ? start : first;
  const count = scan.blocks.length;
  if (showsNothing(scan.text, first, end)) {
    scan.hiddenChars += end - first;
    return;
  }
  pushText(scan, { start: from, bodyStart: first, bodyEnd: end, end });
  const isNew = scan.blocks.length > count && scan.blocks.at(-1)?.kind === 'paragraph';
  scan.lastLine = isNew && lines === 1 ? count : -1;
}

/** Imports of MDX, and attributes of kramdown for the block above. */
const UNSHOWN = /^(?:(?:import\s[^'"\r\n]*\sfrom\s+["'][^"'\r\n]+["'];?\s*)+|\{:[^{}]*\})$/;
const MAX_UNSHOWN_CHARS = 2000;

/** Anchors, comments and hard spaces alone are no paragraph. */
function showsNothing(text: string, start: number, end: number): boolean {
  const first = text.charAt(start);
  if ('<&!['.includes(first)) return plainText('markdown', text.slice(start, end)) === '';
  return 'i{'.includes(first) && end - start <= MAX_UNSHOWN_CHARS && UNSHOWN.test(text.slice(start, end));
}

/** Adds a line to the paragraph that is open, or begins one. */
export function readParagraph(scan: Scan, cursor: Cursor, depth: number): void {
  const { text, next } = cursor;
  const end = trimEnd(text, next, cursor.end);
  const { leaf } = scan;
  if (leaf?.kind === 'paragraph') {
    leaf.lineBeforeEnd = leaf.end;
    leaf.lastLine = next;
    leaf.lines += 1;
    leaf.end = end;
    return;
  }
  enter(scan, depth);
  const start = claimStart(scan, next);
  scan.leaf = {
    kind: 'paragraph',
    start,
    bodyStart: next,
    end,
    lines: 1,
    lastLine: next,
    lineBeforeEnd: next,
  };
}

/** Reads a line of code, HTML or a formula that is open; false where the line is no part of it. */
export function readVerbatim(scan: Scan, cursor: Cursor): boolean {
  const { leaf } = scan;
  switch (leaf?.kind) {
    case 'fence':
      if (!readFenced(leaf, cursor)) closeLeaf(scan);
      return true;
    case 'indented':
      if (!isBlank(cursor) && indentOf(cursor) < 4) return false;
      if (!isBlank(cursor)) extend(leaf, cursor);
      return true;
    case 'math':
    case 'html':
      if (isBlank(cursor) && (leaf.closing === undefined || leaf.kind === 'math')) return false;
      readUntilClosing(scan, leaf, cursor);
      return true;
    default:
      return false;
  }
}

function readUntilClosing(scan: Scan, leaf: Verbatim, cursor: Cursor): void {
  if (!isBlank(cursor)) extend(leaf, cursor);
  const closing = leaf.closing?.exec(restOf(cursor));
  if (closing == null) return;
  if (leaf.kind === 'math') leaf.bodyEnd = trimEnd(cursor.text, leaf.bodyStart, cursor.next + closing.index);
  closeLeaf(scan);
}

function extend(leaf: Verbatim, cursor: Cursor): void {
  leaf.end = trimEnd(cursor.text, cursor.next, cursor.end);
  leaf.bodyEnd = leaf.end;
}

/** Indented code begins with this line. */
export function openIndentedCode(scan: Scan, cursor: Cursor, depth: number): void {
  enter(scan, depth);
  takeIndent(cursor, 4);
  const start = claimStart(scan, cursor.at);
  const end = trimEnd(cursor.text, cursor.next, cursor.end);
  scan.leaf = { kind: 'indented', start, bodyStart: cursor.at, bodyEnd: end, end };
}

/** Opens the heading, code, HTML or formula that begins here, if one does. */
export function openLeaf(scan: Scan, cursor: Cursor, depth: number): boolean {
  switch (cursor.text[cursor.next]) {
    case '#':
      return readHeading(scan, cursor, depth);
    case '`':
    case '~':
      return openFence(scan, cursor, depth);
    case '<':
      return openHtml(scan, cursor, depth);
    case '$':
    case '\\':
      return openMath(scan, cursor, depth);
    default:
      return false;
  }
}

function readHeading(scan: Scan, cursor: Cursor, depth: number): boolean {
  const { text, next } = cursor;
  const mark = /^(#{1,6})(?:[ \t]+|$)/.exec(restOf(cursor));
  if (mark === null) return false;
  enter(scan, depth);
  const bodyStart = next + mark[0].length;
  const end = trimEnd(text, next, cursor.end);
  let bodyEnd = end;
  while (bodyEnd > bodyStart && text[bodyEnd - 1] === '#') bodyEnd -= 1;
  const isClosed = bodyEnd === bodyStart || /\s/.test(text.charAt(bodyEnd - 1));
  const span = { start: claimStart(scan, next), bodyStart: Math.min(bodyStart, end), end };
  pushHeading(scan, mark[1]?.length ?? 1, {
    ...span,
    bodyEnd: isClosed ? Math.max(bodyEnd, span.bodyStart) : end,
  });
  return true;
}

function openFence(scan: Scan, cursor: Cursor, depth: number): boolean {
  const fence = fenceAt(cursor);
  if (fence === undefined) return false;
  enter(scan, depth);
  scan.leaf = { ...fence, start: claimStart(scan, cursor.next) };
  return true;
}

function openHtml(scan: Scan, cursor: Cursor, depth: number): boolean {
  const found = htmlStart(restOf(cursor), scan.leaf?.kind === 'paragraph');
  if (found === undefined) return false;
  openVerbatim(scan, cursor, depth, { kind: 'html', closing: found.closing, marks: 0 });
  return true;
}

const MATH = /^(?:\$\$|\\\[|\\begin\{(\w+\*?)\})/;

function openMath(scan: Scan, cursor: Cursor, depth: number): boolean {
  const rest = restOf(cursor);
  const [mark, environment] = MATH.exec(rest) ?? [];
  if (mark === undefined) return false;
  const closing = environment !== undefined ? `\\end{${environment}}` : mark === '$$' ? mark : '\\]';
  const at = rest.indexOf(closing, mark.length);
  const isInline = at !== -1 && rest.slice(at + closing.length).trim() !== '';
  if (isInline || (mark === '\\[' && at === -1 && rest.trim() !== mark)) return false;
  openVerbatim(scan, cursor, depth, {
    kind: 'math',
    closing: new RegExp(RegExp.escape(closing)),
    marks: mark.length,
  });
  return true;
}

interface VerbatimStart extends Pick<Verbatim, 'kind' | 'closing'> {
  /** How long the mark is in front of its text. */
  readonly marks: number;
}

function openVerbatim(
  scan: Scan,
  cursor: Cursor,
  depth: number,
  { kind, closing, marks }: VerbatimStart,
): void {
  enter(scan, depth);
  const { text, next } = cursor;
  const end = trimEnd(text, next, cursor.end);
  const bodyStart = skipBlank(text, next + marks, text.length);
  scan.leaf = { kind, closing, start: claimStart(scan, next), bodyStart, bodyEnd: end, end };
  const found = closing?.exec(text.slice(next + marks, cursor.end));
  if (found == null) return;
  if (kind === 'math') scan.leaf.bodyEnd = trimEnd(text, bodyStart, next + marks + found.index);
  closeLeaf(scan);
}
