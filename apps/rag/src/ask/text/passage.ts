import type { Block, TextDocument } from '@xnai/contracts';
import { readMarkdown } from '@xnai/text/markdown';
import { readPlainText } from '@xnai/text/plain-text';
import { unpackBlocks } from '../../blocks/pack-blocks.ts';
import type { StoredChunk } from '../../store/store.ts';

/** A text with its blocks, such as a chunk of a document; all offsets count from its beginning. */
export interface Passage {
  readonly text: string;
  readonly inline: TextDocument['inline'];
  /** Cut to the text; those that lie outside of it are empty. */
  readonly blocks: readonly Block[];
  /** What `section` and `parent` count from. */
  readonly first: number;
  /** Names of the columns. */
  readonly tables: ReadonlyMap<number, readonly string[]>;
}

/** The chunk as it was read; one that was stored before blocks were kept is read here. */
export function passageOf({
  text,
  inline,
  blocks: packed,
}: Pick<StoredChunk, 'text' | 'inline' | 'blocks'>): Passage {
  if (packed === undefined) return passageIn(inline === 'none' ? readPlainText(text) : readMarkdown(text));
  const { blocks, ...rest } = unpackBlocks(packed, text);
  return { text, inline, ...rest, blocks: blocks.map((block) => cutTo(text.length, block)) };
}

/** A whole document as one passage. */
export function passageIn({ text, inline, blocks, tables }: TextDocument): Passage {
  return {
    text,
    inline,
    blocks,
    first: 0,
    tables: new Map(tables.map(({ columns }, table) => [table, columns])),
  };
}

export function isEmpty({ start, end }: Pick<Block, 'start' | 'end'>): boolean {
  return end <= start;
}

/** The item, definition or note that holds the block, where the passage has it. */
export function parentOf({ blocks, first }: Passage, { parent }: Block): Block | undefined {
  return parent < 0 ? undefined : blocks[parent - first];
}

function cutTo(length: number, block: Block): Block {
  const inside = (offset: number) => Math.min(Math.max(offset, 0), length);
  const { start, end, bodyStart, bodyEnd } = block;
  const position = {
    start: inside(start),
    end: inside(end),
    bodyStart: inside(bodyStart),
    bodyEnd: inside(bodyEnd),
  };
  return block.kind === 'row'
    ? { ...block, ...position, cells: block.cells.map(inside) }
    : { ...block, ...position };
}
