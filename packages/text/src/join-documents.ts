import type { Block, TextDocument } from '@xnai/contracts';
import type { DocumentEnd } from './writer.ts';

/** One of the documents that make up a larger one, such as a chapter of a book. */
export interface DocumentPart {
  readonly document: TextDocument;
  /** Page of all its blocks. */
  readonly page?: number | undefined;
  /** Whether what stands before its first heading belongs to the last heading above. */
  readonly goesOn?: boolean;
}

/** What comes before the next part: each offset and number of it grows by this. */
interface Shift {
  chars: number;
  blocks: number;
  tables: number;
  lists: number;
  /** The last heading, -1 for none. */
  heading: number;
}

/** One document of several, in their order. Anchors with the same name lead to the first one. */
export function joinDocuments(parts: readonly DocumentPart[], end: DocumentEnd = {}): TextDocument {
  const documents = parts.map(({ document }) => document);
  const shift: Shift = { chars: 0, blocks: 0, tables: 0, lists: 0, heading: -1 };
  const blocks: Block[] = [];
  const anchors = new Map<string, number>();
  const losses = new Map<string, number>();
  for (const part of parts) {
    const { document } = part;
    shift.chars += gapBefore(shift, document).length;
    for (const block of document.blocks) blocks.push(moveBlock(block, part, shift));
    for (const [id, at] of Object.entries(document.anchors))
      if (!anchors.has(id)) anchors.set(id, at + shift.chars);
    for (const { rule, chars } of document.losses) losses.set(rule, (losses.get(rule) ?? 0) + chars);
    goOn(shift, document);
  }
  return {
    text: documents
      .map(storedText)
      .filter((text) => text !== '')
      .join('\n\n'),
    inline: documents.find(({ inline }) => inline !== 'none')?.inline ?? 'none',
    ...end,
    blocks,
    tables: documents.flatMap((document) => document.tables),
    anchors: Object.fromEntries(anchors),
    losses: Array.from(losses, ([rule, chars]) => ({ rule, chars })),
  };
}

/** Blank lines at the end of a part would only add to those between. */
function storedText({ text }: TextDocument): string {
  return text.trimEnd();
}

function gapBefore({ chars }: Shift, document: TextDocument): string {
  return chars === 0 || storedText(document) === '' ? '' : '\n\n';
}

function goOn(shift: Shift, document: TextDocument): void {
  for (const [index, block] of document.blocks.entries()) {
    if (block.kind === 'heading') shift.heading = shift.blocks + index;
  }
  shift.lists += document.blocks.reduce(
    (most, block) => (block.kind === 'item' ? Math.max(most, block.list + 1) : most),
    0,
  );
  shift.chars += storedText(document).length;
  shift.blocks += document.blocks.length;
  shift.tables += document.tables.length;
}

function moveBlock(block: Block, { page = block.page, goesOn = false }: DocumentPart, shift: Shift): Block {
  const position = {
    start: block.start + shift.chars,
    end: block.end + shift.chars,
    bodyStart: block.bodyStart + shift.chars,
    bodyEnd: block.bodyEnd + shift.chars,
    section: block.section !== -1 ? block.section + shift.blocks : goesOn ? shift.heading : -1,
    parent: block.parent === -1 ? -1 : block.parent + shift.blocks,
    ...(page !== undefined && { page }),
  };
  if (block.kind === 'item') return { ...block, ...position, list: block.list + shift.lists };
  if (block.kind !== 'row') return { ...block, ...position };
  return {
    ...block,
    ...position,
    table: block.table + shift.tables,
    cells: block.cells.map((at) => at + shift.chars),
  };
}
