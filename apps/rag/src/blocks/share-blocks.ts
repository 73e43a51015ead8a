import type { Block, TextDocument } from '@xnai/contracts';
import type { ChunkBlocks } from './pack-blocks.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Shares out the blocks of a document to its chunks, in their order. A chunk has the blocks that it overlaps and those
 * between it and the chunk before it; the last one also has what follows it. A block that goes on in the next chunk is
 * in both, with the same offsets in the document.
 */
export function shareBlocks({ blocks, tables }: TextDocument, chunks: readonly Span[]): ChunkBlocks[] {
  let first = 0;
  return chunks.map(({ start }, ordinal) => {
    const from = chunks[ordinal - 1]?.end ?? 0;
    const to = ordinal === chunks.length - 1 ? Infinity : (chunks[ordinal]?.end ?? 0);
    while ((blocks[first]?.end ?? Infinity) <= from) first += 1;
    const own: Block[] = [];
    for (let at = first; (blocks[at]?.start ?? Infinity) < to; at++) {
      const block = blocks[at];
      if (block !== undefined) own.push(shifted(block, -start));
    }
    const rows = own.flatMap((block) => (block.kind === 'row' ? [block.table] : []));
    return {
      first,
      blocks: own,
      tables: new Map(rows.map((table) => [table, tables[table]?.columns ?? []])),
    };
  });
}

/** Puts together what `shareBlocks` shared out. */
export function joinBlocks(
  parts: readonly (ChunkBlocks & { readonly start: number })[],
): Pick<TextDocument, 'blocks' | 'tables'> {
  const blocks: Block[] = [];
  const tables: { columns: string[] }[] = [];
  for (const part of parts) {
    for (const block of part.blocks.slice(blocks.length - part.first))
      blocks.push(shifted(block, part.start));
    for (const [table, columns] of part.tables) {
      while (tables.length < table) tables.push({ columns: [] });
      tables[table] = { columns: [...columns] };
    }
  }
  return { blocks, tables };
}

function shifted(block: Block, by: number): Block {
  const { start, end, bodyStart, bodyEnd } = block;
  const position = { start: start + by, end: end + by, bodyStart: bodyStart + by, bodyEnd: bodyEnd + by };
  if (block.kind !== 'row') return { ...block, ...position };
  return { ...block, ...position, cells: block.cells.map((cell) => cell + by) };
}
