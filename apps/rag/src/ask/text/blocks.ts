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
  const state: ScanState = { blocks: [], open: undefined, fence: undefined, isInList: false };
  for (const line of linesOf(text)) {
    if (state.fence === undefined) readLine(state, line);
    else readFenced(state, line);
  }
  close(state);
  return state.blocks.filter((block) => block.end > block.start);
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface ScanState {
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

function readLine(state: ScanState, line: Line): void {
  const kind = lineKindOf(line.text);
  switch (kind) {
    case 'indented':
      readIndented(state, line);
      break;
    case 'text':
      readText(state, line);
      break;
    case 'underline':
      if (state.open?.kind === 'paragraph') state.open = { ...state.open, kind: 'heading' };
      close(state);
      break;
    case 'separator':
      markHeader(state);
      break;
    default:
      close(state);
      openBlock(state, kind, line);
  }
}

function openBlock(
  state: ScanState,
  kind: 'blank' | 'rule' | 'fence' | 'heading' | 'row' | 'item',
  line: Line,
) {
  if (kind === 'fence') state.fence = line.text.replace(/^[\s>]*/, '').slice(0, 3);
  if (kind === 'heading' || kind === 'row') state.blocks.push(blockOf(kind, line));
  if (kind !== 'item') return;
  state.open = blockOf(kind, line);
  state.isInList = true;
}

function readFenced(state: ScanState, line: Line): void {
  if (line.text.replace(/^[\s>]*/, '').startsWith(state.fence ?? '')) {
    state.fence = undefined;
    close(state);
    return;
  }
  if (line.text === '') return;
  if (state.open === undefined) state.open = { kind: 'code', start: line.start, end: line.end };
  else state.open = { ...state.open, end: line.end };
}

function readIndented(state: ScanState, line: Line): void {
  const isCode = state.open === undefined ? !state.isInList : state.open.kind === 'code';
  if (state.open !== undefined) state.open = { ...state.open, end: line.end };
  else state.open = blockOf(isCode ? 'code' : 'paragraph', line);
}

function readText(state: ScanState, line: Line): void {
  if (state.open !== undefined && state.open.kind !== 'code') {
    state.open = { ...state.open, end: line.end };
    return;
  }
  close(state);
  if (!/^\s/.test(line.text)) state.isInList = false;
  state.open = blockOf('paragraph', line);
}

/** The row before the line of dashes names the columns; a paragraph before it is a row without outer bars. */
function markHeader(state: ScanState): void {
  close(state);
  const last = state.blocks.at(-1);
  if (last?.kind === 'row' || last?.kind === 'paragraph') {
    state.blocks[state.blocks.length - 1] = { ...last, kind: 'header-row' };
  }
}

function close(state: ScanState): void {
  if (state.open !== undefined) state.blocks.push(state.open);
  state.open = undefined;
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
