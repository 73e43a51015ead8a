import type { Block } from './blocks.ts';
import { endsInColon, isLabel } from './labels.ts';
import { type Span, sentencesOf } from './sentences.ts';

const MAX_MERGED_CHARS = 200;

/** Follows the blocks of a chunk in order and knows the label, header or introducing line above each. */
export interface Leads {
  /** The text that gives the block its subject. */
  at(block: Block): Span | undefined;
  pass(block: Block): void;
}

/**
 * A label (or several in a row, as in `-a` and `--all`) leads what is indented under it and one flush paragraph; a
 * line ending in a colon leads the list after it; the header of a table leads its rows.
 */
export function createLeads(text: string): Leads {
  let label: Span | undefined;
  let colon: Span | undefined;
  let header: Span | undefined;
  let isAfterLabel = false;
  let isUsed = false;

  function at(block: Block): Span | undefined {
    if (block.kind === 'row') return header;
    if (isLabel(text, block)) return colon;
    if (label !== undefined && !isUnder(text, block, label)) return colon;
    return label ?? colon;
  }

  function pass(block: Block): void {
    if (block.kind === 'header-row') header = block;
    if (block.kind === 'code') colon = undefined;
    if (block.kind === 'row' || block.kind === 'header-row' || block.kind === 'code') return;
    if (isLabel(text, block) && !endsInColon(text, block)) passLabel(block);
    else passProse(block);
  }

  function passLabel(block: Block): void {
    if (isFlushParagraph(block)) colon = undefined;
    label = isAfterLabel ? merged(label, block) : block;
    isAfterLabel = true;
    isUsed = false;
  }

  function passProse(block: Block): void {
    isAfterLabel = false;
    const isFlush = isFlushParagraph(block);
    if (isFlush && isUsed) [label, colon] = [undefined, undefined];
    if (isFlush) isUsed = true;
    if (endsInColon(text, block)) {
      colon = lastSentence(text, block);
      [label, isUsed] = [undefined, false];
    }
  }

  function isFlushParagraph(block: Block): boolean {
    return block.kind === 'paragraph' && indentOf(text, block.start) === 0;
  }

  return { at, pass };
}

function isUnder(text: string, block: Block, label: Span): boolean {
  if (block.kind !== 'item') return true;
  return indentOf(text, block.start) > indentOf(text, label.start);
}

/** Columns of white space before the line that holds the offset. */
function indentOf(text: string, offset: number): number {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[\t ]*/.exec(text.slice(lineStart, offset))?.[0].length ?? 0;
}

function merged(label: Span | undefined, block: Block): Span {
  if (label === undefined || block.end - label.start > MAX_MERGED_CHARS) return block;
  return { start: label.start, end: block.end };
}

function lastSentence(text: string, block: Block): Span {
  const last = sentencesOf(text.slice(block.start, block.end)).at(-1);
  return last === undefined ? block : { start: block.start + last.start, end: block.start + last.end };
}
