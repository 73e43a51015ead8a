import { trimEnd } from '../span.ts';
import type { Block, UnitBlock } from './block.ts';
import { TARGET_CHARS } from './chunk.ts';
import { fenceEnd, openingFence } from './fence.ts';
import { inlineText } from './inline-text.ts';
import { type Line, lineAt } from './line.ts';

/** From the start of a line to the end of one. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

type Parse = (start: number, end: number) => readonly Block[];

/**
 * Blocks of CommonMark, read line by line where the result is certain to equal the parser's: plain paragraphs,
 * headings, fenced code and plain lists. They are most of any text, and the parser takes a hundred times as long.
 * It is given the stretches that are anything else.
 */
export function scanBlocks(text: string, { start, end }: Stretch, parse: Parse): Block[] {
  const blocks: Block[] = [];
  let group: Group | undefined;
  for (let line = lineAt(text, start); line.start < end; line = lineAt(text, line.next)) {
    const content = text.slice(line.start, line.end);
    const step = stepAt(content, group);
    if (step === 'parse-rest') return [...blocks, ...parse(group?.start ?? line.start, end)];
    if (step === 'blank' || step === 'extend') {
      extend(group, content, line);
      continue;
    }
    blocks.push(...readGroup(text, group, parse));
    group = step === 'open' ? openGroup(content, line) : undefined;
    if (step === 'heading') blocks.push(...headingOf(content, line, parse));
    if (step === 'fence') {
      line = fencedCode(text, line, end);
      blocks.push({
        type: 'unit',
        start: line.start,
        end: trimEnd(text, line.start, line.end),
        kind: 'whole',
      });
    }
  }
  return [...blocks, ...readGroup(text, group, parse)];
}

function fencedCode(text: string, opening: Line, end: number): Line {
  const content = text.slice(opening.start, opening.end);
  const next = Math.min(end, fenceEnd(text, opening, openingFence(content) ?? ''));
  return { start: opening.start, end: next, next };
}

/** Lines that belong together: a block at the top level, or more of them where that cannot be told apart. */
interface Group {
  /** `html` ends at the next blank line; `other` is for the parser. */
  kind: 'paragraph' | 'list' | 'html' | 'other';
  readonly start: number;
  end: number;
  isAfterBlank: boolean;
  /** Of a list: what all its items begin with, but for the number, */
  readonly marker: string;
  /** how far the lines of the current item are indented, */
  indent: number;
  /** and where its items begin. */
  readonly items: number[];
}

type Step = 'blank' | 'extend' | 'open' | 'heading' | 'fence' | 'parse-rest';

const BLANK = /^[ \t]*$/;
const HEADING = /^(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
/** Groups that continue over blank lines. */
const RAW_HTML = /^ {0,3}<(?:(?:pre|script|style|textarea)(?:[\s>]|$)|!--|\?|![a-z]|!\[CDATA\[)/i;
const HTML = /^ {0,3}</;
/** Not the start of any block but a paragraph. */
const PLAIN =
  /^(?:[^\0-\u00bf\s]|[a-zA-Z"'([!\\$%&@?/;{}]|\*{1,2}[^\s*]|_{1,2}[^\s_]|`{1,2}[^`]|\d+(?:[^\d.)]|[.)]\S))/u;
/** One space, then text that is not itself a marker or a rule. */
const ITEM = /^([-+*]|\d{1,9}[.)]) (?=[^\s\-+*_])/;

/** The action for a line after the lines before it. Where that is uncertain, the parser gets the rest. */
function stepAt(content: string, group: Group | undefined): Step {
  if (BLANK.test(content)) return 'blank';
  if (group?.kind === 'html' && !group.isAfterBlank) {
    return openingFence(content) === undefined && !RAW_HTML.test(content) ? 'extend' : 'parse-rest';
  }
  const indent = indentOf(content);
  const isInItem = group?.kind === 'list' && indent >= group.indent;
  const interruption = isInItem ? undefined : interruptionBy(content, indent, group?.kind);
  if (interruption !== undefined) return interruption;
  return group !== undefined && (!group.isAfterBlank || goesOn(content, group, indent)) ? 'extend' : 'open';
}

/** Blocks that begin with or without a blank line before them. */
function interruptionBy(content: string, indent: number, kind: Group['kind'] | undefined): Step | undefined {
  const isInContainer = kind === 'list' || kind === 'other';
  if (openingFence(content) !== undefined) return isInContainer && indent > 0 ? 'parse-rest' : 'fence';
  if (RAW_HTML.test(content)) return 'parse-rest';
  if (indent === 0 && HEADING.test(content)) return 'heading';
  return isInContainer && HTML.test(content) ? 'parse-rest' : undefined;
}

/** Whether a group continues with this line after a blank one. */
function goesOn(content: string, group: Group, indent: number): boolean {
  if (group.kind === 'paragraph' || group.kind === 'html') return false;
  if (group.kind === 'list') return indent > 0 || markerOf(content) === group.marker;
  return !PLAIN.test(content);
}

function openGroup(content: string, { start, end }: Line): Group {
  const marker = markerOf(content);
  const kind = PLAIN.test(content)
    ? 'paragraph'
    : marker !== ''
      ? 'list'
      : HTML.test(content)
        ? 'html'
        : 'other';
  const indent = marker === '' ? 0 : itemIndent(content);
  return { kind, start, end, isAfterBlank: false, marker, indent, items: [start] };
}

function extend(group: Group | undefined, content: string, line: Line): void {
  if (group === undefined) return;
  group.isAfterBlank = BLANK.test(content);
  if (group.isAfterBlank) return;
  if (group.kind === 'paragraph') {
    if (HTML.test(content)) group.kind = 'html';
    else if (!PLAIN.test(content.trimStart())) group.kind = 'other';
  } else if (group.kind === 'list' && indentOf(content) < group.indent) {
    if (markerOf(content) !== group.marker) group.kind = 'other';
    group.indent = itemIndent(content);
    group.items.push(line.start);
  }
  group.end = line.end;
}

/** `-`, `+`, `*`, `.` or `)`; empty when the line begins no plain item. */
function markerOf(content: string): string {
  return ITEM.exec(content)?.[1]?.at(-1) ?? '';
}

function itemIndent(content: string): number {
  return ITEM.exec(content)?.[0].length ?? 0;
}

function indentOf(content: string): number {
  let at = 0;
  while (content[at] === ' ') at += 1;
  // A tab reaches to the next stop of four.
  return content[at] === '\t' ? (Math.floor(at / 4) + 1) * 4 : at;
}

function readGroup(text: string, group: Group | undefined, parse: Parse): readonly Block[] {
  if (group === undefined) return [];
  const { kind, start, items } = group;
  const end = trimEnd(text, start, group.end);
  const unit = (from: number, to: number): UnitBlock => ({
    type: 'unit',
    start: from,
    end: to,
    kind: 'text',
  });
  if (kind === 'paragraph') return [unit(start, end)];
  if (kind !== 'list') return parse(start, group.end);
  if (end - start <= TARGET_CHARS) return [unit(start, end)];
  const ends = [...items.slice(1).map((next) => trimEnd(text, start, next)), end];
  const units = items.map((from, index) => unit(from, ends[index] ?? end));
  return units.every((item) => item.end - item.start <= TARGET_CHARS) ? units : parse(start, group.end);
}

/** Longer bold text is a paragraph, not a heading. */
const MAX_HEADING_CHARS = 500;

function headingOf(content: string, { start, end }: Line, parse: Parse): readonly Block[] {
  const [, marks = '', written = ''] = HEADING.exec(content) ?? [];
  const isEmpty = /^#*$/.test(written);
  if (isEmpty || content.length > MAX_HEADING_CHARS) return parse(start, end);
  const last = start + trimEnd(content, 0, content.length);
  return [{ type: 'heading', start, end: last, depth: marks.length, text: inlineText(written) }];
}
