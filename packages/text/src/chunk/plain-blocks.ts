import { skipBlank, trimEnd } from '../span.ts';
import type { UnitBlock } from './block.ts';

const BLANK_LINE = /(?:\r\n|\n|\r)[^\S\r\n]*(?:\r\n|\n|\r)\s*/g;

/** Paragraphs of plain text between `start` and `end`, separated by blank lines. */
export function plainBlocks(text: string, start = 0, end = text.length): UnitBlock[] {
  const blocks: UnitBlock[] = [];
  const breaks = text.slice(start, end).matchAll(BLANK_LINE);
  let from = start;
  for (const { index } of breaks) {
    push(blocks, text, from, start + index);
    from = start + index;
  }
  push(blocks, text, from, end);
  return blocks;
}

function push(blocks: UnitBlock[], text: string, from: number, to: number): void {
  const start = skipBlank(text, from, to);
  const end = trimEnd(text, start, to);
  if (end > start) blocks.push({ type: 'unit', start, end, kind: 'text' });
}
