import type { Block } from '@xnai/contracts';
import { plainText } from '../inline/plain-text.ts';
import { trimEnd } from '../span.ts';

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** A block before its place among the others is known. */
export type NewBlock = Without<Block, 'section' | 'parent'>;

/** A container that is open: lines belong to it as long as they carry its mark or its indentation. */
export interface Frame {
  /** `fenced` reaches from a line such as `:::tip` to one of `:::`; `note` is indented under its mark. */
  readonly kind: 'document' | 'quote' | 'item' | 'definition' | 'note' | 'fenced';
  /** Columns by which its lines are indented. */
  readonly indent: number;
  /** The kind of a note, such as "warning", or the mark of a footnote. */
  label?: string | undefined;
  readonly fence?: { readonly mark: string; readonly count: number };
  readonly own?: OwnBlock;
  /** What a definition defines. */
  readonly term?: string;
  /** The list that ends in front of the next line, if the last thing in the container is one. */
  list?: { readonly id: number; readonly mark: string; readonly ordinal: number | undefined } | undefined;
  /** Nothing has followed the mark yet. */
  isEmpty: boolean;
}

/** The block of an item or a definition: its mark and its first text, or the mark alone. */
export interface OwnBlock {
  readonly start: number;
  readonly markEnd: number;
  readonly make: (span: BodySpan) => NewBlock;
  /** Its number among the blocks; -1 until its first text ends. */
  index: number;
}

export interface BodySpan {
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  readonly end: number;
}

/** A block that is open, at most one at a time. */
export type Leaf = Paragraph | Fence | Verbatim | { readonly kind: 'table'; readonly table: number };

export interface Paragraph {
  readonly kind: 'paragraph';
  readonly start: number;
  readonly bodyStart: number;
  end: number;
  lines: number;
  /** Where the text of its last line begins, and where that of the line before ends. */
  lastLine: number;
  lineBeforeEnd: number;
}

export interface Fence {
  readonly kind: 'fence';
  readonly start: number;
  /** -1 until its first line with text. */
  bodyStart: number;
  bodyEnd: number;
  end: number;
  readonly mark: string;
  readonly count: number;
  readonly indent: number;
  readonly info: string;
}

/** Indented code, HTML, or a formula on lines of its own. */
export interface Verbatim {
  readonly kind: 'indented' | 'html' | 'math';
  readonly start: number;
  readonly bodyStart: number;
  bodyEnd: number;
  end: number;
  /** Ends it; without one it ends at a blank line. */
  readonly closing?: RegExp | undefined;
}

export interface Scan {
  readonly text: string;
  readonly blocks: Block[];
  readonly tables: { columns: string[] }[];
  readonly frames: Frame[];
  leaf: Leaf | undefined;
  /** Where the mark began that the next block starts with, on this line or an earlier one. */
  mark: number | undefined;
  /** Where the first `>` of this line is. */
  quoteMark: number | undefined;
  /** The headings that the next block stands under. */
  readonly headings: { readonly index: number; readonly level: number }[];
  /** The block that is a paragraph of one line, if the last one is. */
  lastLine: number;
  lists: number;
  hiddenChars: number;
}

export function openScan(text: string): Scan {
  return {
    text,
    blocks: [],
    tables: [],
    frames: [{ kind: 'document', indent: 0, isEmpty: false }],
    leaf: undefined,
    mark: undefined,
    quoteMark: undefined,
    headings: [],
    lastLine: -1,
    lists: 0,
    hiddenChars: 0,
  };
}

export function topFrame(scan: Scan): Frame {
  return scan.frames.at(-1) as Frame;
}

/** The start of a block at `at`: that of the marks in front of it. */
export function claimStart(scan: Scan, at: number): number {
  const start = scan.mark ?? scan.quoteMark ?? at;
  scan.mark = undefined;
  scan.quoteMark = undefined;
  return start;
}

/** Adds a block, behind those of the items and definitions around it that have no text of their own. */
export function push(scan: Scan, block: NewBlock): void {
  pushMarks(scan, undefined);
  place(scan, block);
}

/** Adds text as what the innermost container makes of it: an item, a definition, a quote, a note or a paragraph. */
export function pushText(scan: Scan, span: BodySpan): void {
  const bodyEnd = trimEnd(scan.text, span.bodyStart, span.bodyEnd);
  if (bodyEnd === span.bodyStart) return;
  const text = { ...span, bodyEnd, end: Math.max(bodyEnd, span.end) };
  const frame = scan.frames.findLast(({ kind, label }) => kind !== 'fenced' || label !== undefined);
  const own = frame === topFrame(scan) ? frame?.own : undefined;
  if (own?.index !== -1) {
    push(scan, textBlock(frame, text));
    return;
  }
  pushMarks(scan, frame);
  own.index = place(scan, own.make({ ...text, start: own.start }));
}

/** Longer ones are paragraphs behind an odd mark. */
const MAX_HEADING_CHARS = 500;
/** Badges and the addresses of links make headings of readmes long; their words do not. */
function isTooLong(text: string, { bodyStart, bodyEnd }: BodySpan): boolean {
  if (bodyEnd - bodyStart <= MAX_HEADING_CHARS) return false;
  return plainText('markdown', text.slice(bodyStart, bodyEnd)).length > MAX_HEADING_CHARS;
}

/** `{#id .class}` behind a heading. */
const ATTRIBUTES = /[ \t]*\{:?[ \t]*[#.][^{}]*\}$/;

/** A heading divides the document; one within a quote or an item is text there. */
export function pushHeading(scan: Scan, level: number, span: BodySpan): void {
  const divides = scan.frames.every(({ kind }) => kind === 'document' || kind === 'fenced');
  if (!divides || isTooLong(scan.text, span)) {
    pushText(scan, span);
    return;
  }
  const { bodyStart, bodyEnd } = span;
  const attributes = ATTRIBUTES.exec(scan.text.slice(bodyStart, bodyEnd))?.[0].length ?? 0;
  push(scan, {
    kind: 'heading',
    level,
    ...span,
    bodyEnd: trimEnd(scan.text, bodyStart, bodyEnd - attributes),
  });
}

function textBlock(frame: Frame | undefined, span: BodySpan): NewBlock {
  if (frame?.label !== undefined) return { kind: 'note', label: frame.label, ...span };
  return { kind: frame?.kind === 'quote' ? 'quote' : 'paragraph', ...span };
}

function pushMarks(scan: Scan, until: Frame | undefined): void {
  for (const frame of scan.frames) {
    if (frame === until) return;
    if (frame.own?.index !== -1) continue;
    const { own } = frame;
    const { start, markEnd } = own;
    own.index = place(scan, own.make({ start, bodyStart: markEnd, bodyEnd: markEnd, end: markEnd }));
  }
}

function place(scan: Scan, block: NewBlock): number {
  const { blocks, headings } = scan;
  if (block.kind === 'heading') while ((headings.at(-1)?.level ?? 0) >= block.level) headings.pop();
  const section = headings.at(-1)?.index ?? -1;
  const index = blocks.push({ ...block, section, parent: parentOf(scan) }) - 1;
  if (block.kind === 'heading') headings.push({ index, level: block.level });
  return index;
}

/** The block of the innermost item or definition that has one. */
export function parentOf({ frames }: Scan): number {
  return frames.findLast(({ own }) => own !== undefined && own.index >= 0)?.own?.index ?? -1;
}
