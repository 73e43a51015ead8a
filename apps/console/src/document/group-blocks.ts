import type { Block } from '@xnai/contracts';

export type RowBlock = Extract<Block, { kind: 'row' }>;
export type SingleBlock = Exclude<Block, { kind: 'row' }>;

/** What is shown as one thing: a block, or the rows of a table that follow each other. */
export type BlockGroup =
  | { readonly kind: 'single'; readonly start: number; readonly end: number; readonly block: SingleBlock }
  | {
      readonly kind: 'table';
      readonly start: number;
      readonly end: number;
      readonly table: number;
      readonly rows: readonly RowBlock[];
    };

export function groupBlocks(blocks: readonly Block[]): readonly BlockGroup[] {
  const groups: BlockGroup[] = [];
  for (const block of blocks) {
    const { start, end } = block;
    const last = groups.at(-1);
    if (block.kind !== 'row') groups.push({ kind: 'single', start, end, block });
    else if (last?.kind === 'table' && last.table === block.table)
      groups.splice(-1, 1, { ...last, end, rows: [...last.rows, block] });
    else groups.push({ kind: 'table', start, end, table: block.table, rows: [block] });
  }
  return groups;
}
