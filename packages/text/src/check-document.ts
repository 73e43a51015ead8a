import type { Block, TextDocument } from '@xnai/contracts';

/**
 * The first fault of a document that another program delivered, in words; undefined when it has none. Offsets must lie
 * in range and in order, blocks must not overlap, nothing but white space and table rules lies between them, and what a
 * block refers to must exist. The shape is checked by the schema before.
 */
export function checkDocument(document: TextDocument): string | undefined {
  const { text, blocks, anchors } = document;
  if (!text.isWellFormed() || text.includes('\0')) return 'The text holds NUL or half a surrogate pair';
  let end = 0;
  for (const [index, block] of blocks.entries()) {
    const fault = faultOf(document, index, end);
    if (fault !== undefined) return `Block ${index} (${block.kind}): ${fault}`;
    end = block.end;
  }
  if (!isGap(document, end, text.length)) return 'Text after the last block belongs to none';
  const lost = Object.entries(anchors).find(([, offset]) => offset > text.length);
  return lost === undefined ? undefined : `Anchor "${lost[0].slice(0, 100)}" lies outside the text`;
}

function faultOf(document: TextDocument, index: number, previousEnd: number): string | undefined {
  const block = document.blocks[index] as Block;
  const { start, end, bodyStart, bodyEnd } = block;
  if (end > document.text.length) return `ends at ${end}, behind the end of the text`;
  if (start < previousEnd) return `begins at ${start}, before the end of the block above`;
  if (start >= end) return 'is empty';
  if (bodyStart < start || bodyEnd < bodyStart || bodyEnd > end) return 'its body lies outside of it';
  if (!isGap(document, previousEnd, start)) return 'text before it belongs to no block';
  if ([start, end, bodyStart, bodyEnd].some((offset) => splitsPair(document.text, offset)))
    return 'an offset splits a surrogate pair';
  return faultOfReferences(document, block, index);
}

function faultOfReferences(document: TextDocument, block: Block, index: number): string | undefined {
  const { section, parent, page } = block;
  const { blocks, pages } = document;
  if (section !== -1 && (section >= index || blocks[section]?.kind !== 'heading'))
    return `section ${section} is no heading above it`;
  if (parent !== -1 && (parent >= index || !HOLDERS.has(blocks[parent]?.kind ?? '')))
    return `parent ${parent} is no item, definition or note above it`;
  if (page !== undefined && pages?.names !== undefined && page > pages.names.length)
    return `page ${page} does not exist`;
  return block.kind === 'row' ? faultOfRow(document, block) : undefined;
}

const HOLDERS: ReadonlySet<string> = new Set(['item', 'definition', 'note']);

function faultOfRow(document: TextDocument, row: Extract<Block, { kind: 'row' }>): string | undefined {
  if (document.tables[row.table] === undefined) return `table ${row.table} does not exist`;
  let last = row.bodyStart;
  for (const cell of row.cells) {
    if (cell < last || cell > row.bodyEnd) return `cell at ${cell} lies outside of it or out of order`;
    last = cell;
  }
  return undefined;
}

/** Between the blocks of Markdown as it came lie link definitions, comments and other marks that show nowhere. */
function isGap({ text, inline }: TextDocument, start: number, end: number): boolean {
  return inline === 'markdown' || /^(?:\s|\|(?: :?-+:? \|)+(?=\n|$))*$/.test(text.slice(start, end));
}

function splitsPair(text: string, offset: number): boolean {
  return (
    /^[\uDC00-\uDFFF]/.test(text.slice(offset, offset + 1)) && /[\uD800-\uDBFF]/.test(text[offset - 1] ?? '')
  );
}
