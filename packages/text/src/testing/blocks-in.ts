import type { TextDocument } from '@xnai/contracts';
import type { Chunk } from '../chunk/chunk.ts';

/** For tests: of each chunk the indexes of the blocks that it holds, whole or in part. Linear, since both are in order. */
export function blocksIn({ blocks }: TextDocument, chunks: readonly Chunk[]): number[][] {
  let first = 0;
  return chunks.map(({ start, end }) => {
    while ((blocks[first]?.end ?? Infinity) <= start) first += 1;
    const held: number[] = [];
    for (let at = first; (blocks[at]?.start ?? Infinity) < end; at += 1) held.push(at);
    return held;
  });
}
