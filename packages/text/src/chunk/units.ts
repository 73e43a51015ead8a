import type { Block, TextDocument } from '@xnai/contracts';
import { MAX_CHARS, WHOLE_CHARS } from './chunk.ts';
import { splitBlock } from './split-block.ts';

/** A stretch that is not cut: blocks that belong together, one block, or a piece of a long one. */
export interface BlockUnit {
  readonly start: number;
  readonly end: number;
  /** Indexes of its first and its last block. */
  readonly first: number;
  readonly last: number;
}

/** A line that introduces code is joined with it up to this length, even where the two exceed the maximum. */
const SHORT_CHARS = 300;

/** The blocks from `first` to `last` as units, in order. */
export function unitsOf(document: TextDocument, first: number, last: number): BlockUnit[] {
  const { text, blocks } = document;
  const units: BlockUnit[] = [];
  for (let index = first; index <= last; index += 1) {
    const block = blocks[index];
    if (block === undefined) break;
    const { start, end } = block;
    const open = units.at(-1);
    if (open !== undefined && isPartOf(document, open, index) && fits(open, block)) {
      units[units.length - 1] = { ...open, end, last: index };
      continue;
    }
    const pieces = splitBlock(text, { start, end, isWhole: isWhole(block) });
    for (const piece of pieces) units.push({ ...piece, first: index, last: index });
  }
  return units;
}

function isWhole({ kind }: Block): boolean {
  return kind === 'code' || kind === 'row' || kind === 'math';
}

function fits(open: BlockUnit, block: Block): boolean {
  const size = block.end - open.start;
  return size <= MAX_CHARS || (isWhole(block) && open.end - open.start < SHORT_CHARS && size <= WHOLE_CHARS);
}

/** Whether a block belongs to what is before it. */
function isPartOf({ text, blocks }: TextDocument, open: BlockUnit, index: number): boolean {
  const block = blocks[index];
  const above = blocks[index - 1];
  if (block === undefined || above === undefined) return false;
  if (block.parent >= open.first) return true;
  if (above.kind === 'row') return block.kind === 'caption' || (above.isHeader && block.kind === 'row');
  if (above.kind === 'caption') return isWhole(block);
  if (block.kind === 'caption') return isWhole(above);
  return (
    /[:：][*_`]*$/.test(text.slice(Math.max(above.bodyStart, above.bodyEnd - 5), above.bodyEnd)) &&
    !isWhole(above)
  );
}
