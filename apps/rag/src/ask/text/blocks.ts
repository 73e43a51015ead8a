export type BlockKind = 'paragraph' | 'item' | 'heading' | 'row' | 'header-row' | 'code';

/** A run of lines that belong together; offsets into the text it was read from, list and heading marks left out. */
export interface Block {
  readonly kind: BlockKind;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a slice of Markdown or plain text into blocks, line by line. Made for chunks: a slice may begin in the middle
 * of a list or table, which a full parser would take for something else.
 */
export function blocksOf(text: string): readonly Block[] {
  const reading: Reading = { blocks: [], open: undefined, fence: undefined, isInList: false };
  for (const line of linesOf(text)) {
    if (reading.fence === undefined) readLine(reading, line);
    else readFenced(reading, line);
  }
  close(reading);
  return reading.blocks.filter((block) => block.end > block.start);
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Reading {
  readonly blocks: Block[];
  open: Block | undefined;
  /** The mark that opened the code block being read. */
  fence: string | undefined;
  isInList: boolean;
}

function* linesOf(text: string): Generator<Line> {
  for (const match of text.matchAll(/[^\r\n]+|\r?\n/g)) {
    const isBreak = match[0].endsWith('\n');
    const isEmptyLine = isBreak && (match.index === 0 || text[match.index - 1] === '\n');
    if (isBreak && !isEmptyLine) continue;
    const line = isBreak ? '' : match[0].trimEnd();
    yield { start: match.index, end: match.index + line.length, text: line };
  }
}

type LineKind =
  | 'blank'
  | 'fence'
  | 'heading'
  | 'underline'
  | 'separator'
  | 'rule'
  | 'row'
  | 'item'
  | 'indented'
  | 'text';

const LINE_KINDS: readonly (readonly [LineKind, RegExp])[] = [
  ['blank', /^[\s>]*$/],
  ['fence', /^[\s>]*(?:`{3,}|~{3,})/],
  ['heading', /^\s{0,3}#{1,6}\s/],
  ['underline', /^\s{0,3}(?:=+|-+)\s*$/],
  ['separator', /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?\s*$|^\s*\|\s*:?-{2,}:?\s*\|\s*$/],
  ['rule', /^\s{0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/],
  ['row', /^\s*\|.*\|\s*$/],
  ['item', /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+\S/],
  ['indented', /^(?: {4}|\t)/],
];

function lineKindOf(line: string): LineKind {
  return LINE_KINDS.find(([, pattern]) => pattern.test(line))?.[0] ?? 'text';
}

function readLine(reading: Reading, line: Line): void {
  const kind = lineKindOf(line.text);
  switch (kind) {
    case 'indented':
      readIndented(reading, line);
      break;
    case 'text':
      readText(reading, line);
      break;
    case 'underline':
      if (reading.open?.kind === 'paragraph') reading.open = { ...reading.open, kind: 'heading' };
      close(reading);
      break;
    case 'separator':
      markHeader(reading);
      break;
    default:
      close(reading);
      openBlock(reading, kind, line);
  }
}

function openBlock(
  reading: Reading,
  kind: 'blank' | 'rule' | 'fence' | 'heading' | 'row' | 'item',
  line: Line,
) {
  if (kind === 'fence') reading.fence = line.text.replace(/^[\s>]*/, '').slice(0, 3);
  if (kind === 'heading' || kind === 'row') reading.blocks.push(blockOf(kind, line));
  if (kind !== 'item') return;
  reading.open = blockOf(kind, line);
  reading.isInList = true;
}

function readFenced(reading: Reading, line: Line): void {
  if (line.text.replace(/^[\s>]*/, '').startsWith(reading.fence ?? '')) {
    reading.fence = undefined;
    close(reading);
    return;
  }
  if (line.text === '') return;
  if (reading.open === undefined) reading.open = { kind: 'code', start: line.start, end: line.end };
  else reading.open = { ...reading.open, end: line.end };
}

function readIndented(reading: Reading, line: Line): void {
  const isCode = reading.open === undefined ? !reading.isInList : reading.open.kind === 'code';
  if (reading.open !== undefined) reading.open = { ...reading.open, end: line.end };
  else reading.open = blockOf(isCode ? 'code' : 'paragraph', line);
}

function readText(reading: Reading, line: Line): void {
  if (reading.open !== undefined && reading.open.kind !== 'code') {
    reading.open = { ...reading.open, end: line.end };
    return;
  }
  close(reading);
  if (!/^\s/.test(line.text)) reading.isInList = false;
  reading.open = blockOf('paragraph', line);
}

/** The row before the line of dashes names the columns; a paragraph before it is a row without outer bars. */
function markHeader(reading: Reading): void {
  close(reading);
  const last = reading.blocks.at(-1);
  if (last?.kind === 'row' || last?.kind === 'paragraph') {
    reading.blocks[reading.blocks.length - 1] = { ...last, kind: 'header-row' };
  }
}

function close(reading: Reading): void {
  if (reading.open !== undefined) reading.blocks.push(reading.open);
  reading.open = undefined;
}

const MARKS: Readonly<Record<BlockKind, RegExp>> = {
  paragraph: /^[\s>]*/,
  item: /^[\s>]*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?/,
  heading: /^\s*#{1,6}\s+/,
  row: /^\s*/,
  'header-row': /^\s*/,
  code: /^/,
};

function blockOf(kind: BlockKind, line: Line): Block {
  const mark = MARKS[kind].exec(line.text)?.[0].length ?? 0;
  return { kind, start: line.start + mark, end: line.end };
}
